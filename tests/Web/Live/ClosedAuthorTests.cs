using System.Text;
using Anywire;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Twite.Contracts;
using Twite.Web.Live;
using Twite.Web.Tests.Network;
using Twite.Web.Timelines;

namespace Twite.Web.Tests.Live;

/// <summary>What somebody said whose account was closed before word of it came to the pages.</summary>
public sealed class ClosedAuthorTests : IAsyncLifetime
{
    private readonly string _directory = Directory.CreateTempSubdirectory("twite-closed").FullName;
    private readonly FakeAccounts _accounts = new();
    private LiveFeed _feed = null!;
    private WebApplication _app = null!;

    public async ValueTask InitializeAsync()
    {
        var network = new FakeNetwork();
        await network.ListenAsync("accounts", new(AccountsService.Descriptor, b => AccountsService.BindService(b, _accounts)));
        var clients = new TwiteClients(network);
        _feed = new LiveFeed(clients, new LiveOptions { ReceiverAddress = "inproc:web" }, NullLoggerFactory.Instance, TimeProvider.System);
        var context = new ServiceContext("web", network, NullLoggerFactory.Instance, TimeProvider.System);
        _app = WebServer.Build(context, new WebOptions { DataDirectory = _directory }, clients, _feed);
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        await _feed.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }

    [Fact]
    public async Task Is_not_shown_on_pages()
    {
        _accounts.Close(2);
        _accounts.Suspend(3);
        Assert.Equal([1, null, null, 4], await RenderAsync([1, 2, 3, 4]));
        Assert.Equal([null], await RenderAsync([2]));
    }

    [Fact]
    public async Task Cannot_be_told_while_accounts_is_away_and_is_shown()
    {
        _accounts.Close(2);
        _accounts.IsDown = true;
        Assert.Equal([1, 2], await RenderAsync([1, 2]));
    }

    [Fact]
    public async Task Is_told_apart_among_many_authors()
    {
        _accounts.Close(700);
        var authors = Enumerable.Range(1, 1_100).Select(id => (long)id).ToList();
        Assert.Equal(authors.Select(id => id == 700 ? (long?)null : id), await RenderAsync(authors));
        Assert.Equal([500, 500, 100], _accounts.Asked);
    }

    /// <summary>Renders a message of each author; whose are shown.</summary>
    private async Task<IReadOnlyList<long?>> RenderAsync(IReadOnlyList<long> authors)
    {
        var events = authors.Select(id => new StreamEvent.Posted(new Message { Id = id * 10, AuthorId = id, AuthorName = $"a{id}", Text = "hello", CreatedAt = new() })).ToList();
        var rendered = await _app.Services.GetRequiredService<FragmentRenderer>().RenderAsync(events, CancellationToken.None);
        return [.. rendered.Select((shown, i) => shown is null ? (long?)null
            : Encoding.UTF8.GetString(shown.Data.Span).Contains($"/@a{authors[i]}/", StringComparison.Ordinal) ? authors[i] : -1)];
    }
}
