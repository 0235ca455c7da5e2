using System.Net.Http.Headers;
using Anywire;
using Microsoft.Extensions.Logging.Abstractions;
using Twite.Accounts;
using Twite.Accounts.Passwords;
using Twite.Contracts;
using Twite.Follows;
using Twite.Messages;
using Twite.Notifications;
using Twite.Web.Api;

[assembly: AssemblyFixture(typeof(Twite.Web.Tests.Api.ApiNetwork))]

namespace Twite.Web.Tests.Api;

/// <summary>A whole network in a temporary directory: the services, and the front end on a port of its own.</summary>
public sealed class ApiNetwork : IAsyncLifetime
{
    private readonly string _directory = Directory.CreateTempSubdirectory("twite-api").FullName;
    private readonly TestServices _services;
    private readonly List<IServiceModule> _modules = [];
    private readonly TimeProvider _time;
    private IAsyncDisposable? _messages;
    private WebModule _web = null!;
    private int _people;

    /// <summary>A network over the in-process transport, by the real clock.</summary>
    public ApiNetwork()
        : this(null, TimeProvider.System)
    {
    }

    internal ApiNetwork(ITransport? transport, TimeProvider time) => (_services, _time) = (new TestServices(transport), time);

    internal ServiceProbe Probe { get; } = new();

    internal ApiOptions Options { get; init; } = new() { MaxRequests = 1_000_000, MaxDeletes = 1_000_000 };

    /// <summary>Where the front end is; no slash at the end.</summary>
    public string Url => _web.Urls[0].TrimEnd('/');

    internal AccountsService.AccountsServiceClient Accounts { get; private set; } = null!;

    /// <summary>Accounts as an operator's tool sees them.</summary>
    internal AccountsService.AccountsServiceClient Operator => new(_services.For("admin").Connect("accounts"));

    /// <summary>The services as the front end sees them.</summary>
    internal TwiteClients Clients => new(_services.For("web"));

    public async ValueTask InitializeAsync()
    {
        await AddAsync("accounts", async c => await AccountsModule.OpenAsync(
            c, new AccountsOptions { DataDirectory = _directory, PasswordCost = new PasswordCost(8, 1) }, default));
        await AddAsync("follows", async c => await FollowsModule.OpenAsync(c, new FollowsOptions { DataDirectory = _directory }, default));
        await AddAsync("messages", async c => await MessagesModule.OpenAsync(c, new MessagesOptions { DataDirectory = _directory }, default));
        await AddAsync("notifications", async c => await NotificationsModule.OpenAsync(c, new NotificationsOptions { DataDirectory = _directory }, default));
        await AddAsync("web", async c => _web = await WebModule.OpenAsync(
            c, new WebOptions { Urls = ["http://127.0.0.1:0"], DataDirectory = _directory, Api = Options }, default), Probe);
        foreach (var module in _modules)
        {
            await module.StartAsync(default);
        }
        Accounts = new AccountsService.AccountsServiceClient(_services.For("web").Connect("accounts"));
    }

    /// <summary>Nobody answers for Messages from now on.</summary>
    internal ValueTask TakeMessagesAwayAsync() => _messages!.DisposeAsync();

    /// <summary>Messages answers again.</summary>
    internal async Task BringMessagesBackAsync() =>
        _messages = await _services.ListenAsync("messages", _modules.OfType<MessagesModule>().Single().Services);

    /// <summary>Signs somebody up under a name that nobody else has.</summary>
    internal async Task<Person> SignUpAsync(string name = "p")
    {
        var reply = await Accounts.SignUpAsync(new SignUpRequest
        {
            Name = $"{name}{Interlocked.Increment(ref _people)}",
            Password = "correct horse battery",
        });
        var http = Stranger();
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", reply.Token);
        return new Person(reply.Account.Id, reply.Account.Name, reply.Token, http);
    }

    /// <summary>A program without a token.</summary>
    public HttpClient Stranger() => new() { BaseAddress = new Uri(Url) };

    public async ValueTask DisposeAsync()
    {
        foreach (var module in Enumerable.Reverse(_modules))
        {
            await module.DisposeAsync();
        }
        await _services.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }

    private async Task AddAsync(string name, Func<ServiceContext, Task<IServiceModule>> open, ServiceProbe? probe = null)
    {
        var module = await open(new ServiceContext(name, _services.For(name, probe), NullLoggerFactory.Instance, _time));
        _modules.Add(module);
        var listening = await _services.ListenAsync(name, module.Services);
        _messages = module is MessagesModule ? listening : _messages;
    }
}

/// <summary>Somebody with a program that has a token.</summary>
internal sealed record Person(long Id, string Name, string Token, HttpClient Http)
{
    public string Path => $"/api/v1/accounts/{Id}";
}
