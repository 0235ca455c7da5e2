using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;

namespace Twite.Processes.Pages;

/// <summary>A stranger, somebody logged in, and a program with a token, who ask for everything that there is.</summary>
internal sealed class Sightseers : IDisposable
{
    /// <summary>What everybody can read.</summary>
    public const string Message = "A finch, says ada";

    private const string Name = "reader";
    private const string Password = "correct horse battery";

    private readonly string _url;
    private readonly Visitor _reader;
    private readonly HttpClient _program;
    private long _messageId;

    private Sightseers(string url, string token)
    {
        _url = url;
        _reader = new Visitor(url);
        _program = new HttpClient
        {
            BaseAddress = new Uri(url),
            Timeout = TimeSpan.FromSeconds(20),
            DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", token) },
        };
    }

    /// <summary>Makes them: ada, whose token is given, says something to the one who is logged in and follows her.</summary>
    public static async Task<Sightseers> CreateAsync(string url, string token)
    {
        var people = new Sightseers(url, token);
        // On a busy machine the first calls of all take longer than they may.
        await Waiting.UntilAsync(people.EnterAsync, () => "somebody has an account");
        await Waiting.UntilAsync(async () => (await people._reader.SubmitAsync("/@ada", "/follow")).Status == HttpStatusCode.OK, () => "ada is followed");
        var text = "";
        await Waiting.UntilAsync(
            async () =>
            {
                (var status, text) = await people.PostAsync($"{Message} to @{Name}");
                return status == HttpStatusCode.OK;
            },
            () => $"ada has posted: {text}");
        using var posted = JsonDocument.Parse(text);
        people._messageId = long.Parse(posted.RootElement.GetProperty("id").GetString()!);
        await Waiting.UntilAsync(async () => (await people._reader.GetAsync("/notifications")).Text.Contains("mentioned you"), () => "the mention is there");
        return people;
    }

    /// <summary>All that they ask for while nothing is missing.</summary>
    public IReadOnlyList<PageCheck> Whole =>
    [
        .. new[] { "/", "/public", "/@ada", MessagePath, "/search?q=ada" }.SelectMany(path => new[] { Stranger(path, 200, Message), Reader(path, 200, Message) }),
        Reader("/notifications", 200, Message), Reader("/settings", 200), LogIn(200, "Home"), Program("/api/v1/timelines/public", 200, Message),
        Program("/api/v1/timelines/home", 200), Program("/api/v1/notifications", 200), Program("/api/v1/accounts/verify_credentials", 200),
    ];

    /// <summary>What they ask for while a service is away.</summary>
    public IReadOnlyList<PageCheck> Without(string service) => service switch
    {
        "accounts" => WithoutAccounts,
        "messages" => WithoutMessages,
        "follows" => WithoutFollows,
        "notifications" => WithoutNotifications,
        _ => throw new ArgumentOutOfRangeException(nameof(service), service, "That is no service."),
    };

    public void Dispose()
    {
        _reader.Dispose();
        _program.Dispose();
    }

    private string MessagePath => $"/@ada/{_messageId}";

    private IReadOnlyList<PageCheck> WithoutAccounts
    {
        get
        {
            const string away = "Accounts do not answer";
            const string unknown = "does not know who you are";
            return
            [
                Stranger("/", 200, Message), Stranger("/public", 200, Message), Stranger(MessagePath, 200, Message),
                Stranger("/@ada", 503, Message, away), Stranger("/search?q=ada", 503, Message, away),
                Reader("/", 503, Message, unknown), Reader("/public", 200, Message, unknown), Reader(MessagePath, 200, Message, unknown),
                Reader("/@ada", 503, Message, away), Reader("/search?q=ada", 503, Message, away),
                Reader("/notifications", 503, away), Reader("/settings", 503, away),
                Compose(503, "Typed without accounts</textarea>", away), LogIn(503, away, $"value=\"{Name}\""),
                Program("/api/v1/timelines/public", 503, away), Program("/api/v1/timelines/home", 503, away), Program("/api/v1/accounts/verify_credentials", 503, away),
                Posting(503, away), Ready("accounts"),
            ];
            PageCheck Compose(int status, params string[] says) => Composing("Typed without accounts", status, says);
        }
    }

    private IReadOnlyList<PageCheck> WithoutMessages
    {
        get
        {
            const string away = "Messages do not answer";
            return
            [
                Stranger("/", 503, away, "/signup"), Stranger("/public", 503, away), Stranger(MessagePath, 503, away),
                Stranger("/@ada", 503, away, "followers"), Stranger("/search?q=ada", 503, away, "href=\"/@ada\""),
                Reader("/", 503, away, "<textarea"), Reader("/public", 503, away), Reader(MessagePath, 503, away),
                Reader("/@ada", 503, away, "Unfollow ada"), Reader("/search?q=ada", 503, away, "href=\"/@ada\""),
                Reader("/notifications", 503, away, "mentioned you", "cannot be shown just now"), Reader("/settings", 200),
                Composing("Typed without messages", 503, "Typed without messages</textarea>", away), LogIn(503, away, "href=\"/settings\""),
                Program("/api/v1/timelines/public", 503, away), Program("/api/v1/timelines/home", 503, away), Program("/api/v1/accounts/verify_credentials", 503, away),
                Posting(503, away), Ready("messages"),
            ];
        }
    }

    private IReadOnlyList<PageCheck> WithoutFollows
    {
        get
        {
            const string away = "Follows do not answer";
            return
            [
                Stranger("/", 200, Message), Stranger("/public", 200, Message), Stranger(MessagePath, 200, Message),
                Stranger("/@ada", 503, Message, away), Stranger("/search?q=ada", 200, Message),
                Reader("/", 503, Message, away, "What everybody says", "<textarea"), Reader("/public", 200, Message), Reader(MessagePath, 200, Message),
                Reader("/@ada", 503, Message, away), Reader("/search?q=ada", 503, Message, away),
                Reader("/notifications", 200, Message), Reader("/settings", 200),
                Composing("Typed without follows", 503, "Typed without follows", away), LogIn(503, away, "href=\"/settings\""),
                Program("/api/v1/timelines/public", 503, away), Program("/api/v1/timelines/home", 503, away), Program("/api/v1/accounts/verify_credentials", 503, away),
                Posting(200), Ready("follows"),
            ];
        }
    }

    private IReadOnlyList<PageCheck> WithoutNotifications
    {
        get
        {
            const string away = "Notifications do not answer";
            return
            [
                Stranger("/", 200, Message, away), Stranger("/public", 200, Message, away), Stranger(MessagePath, 200, Message),
                Stranger("/@ada", 200, Message), Stranger("/search?q=ada", 200, Message),
                Reader("/", 200, Message, away, "<textarea"), Reader("/public", 200, Message, away), Reader(MessagePath, 200, Message),
                Reader("/@ada", 200, Message), Reader("/search?q=ada", 200, Message), Reader("/notifications", 503, away), Reader("/settings", 200),
                Composing("Typed without notifications", 200, "Typed without notifications"), LogIn(200, "Home"),
                Program("/api/v1/timelines/public", 200, Message), Program("/api/v1/timelines/home", 200), Program("/api/v1/accounts/verify_credentials", 200),
                Program("/api/v1/notifications", 503, away), Posting(200), Ready("notifications"),
            ];
        }
    }

    private async Task<bool> EnterAsync() =>
        (await _reader.SubmitAsync("/signup", "/signup", ("Name", Name), ("password", Password))).Status == HttpStatusCode.OK
        || (await _reader.SubmitAsync("/login", "/login", ("Name", Name), ("password", Password))).Status == HttpStatusCode.OK;

    private PageCheck Stranger(string path, int status, params string[] says) => new($"a stranger at {path}", () => OnceAsync(v => v.GetAsync(path)), status, says);

    private PageCheck Reader(string path, int status, params string[] says) => new($"somebody logged in at {path}", () => _reader.GetAsync(path), status, says);

    private PageCheck Composing(string text, int status, params string[] says) =>
        new("somebody logged in who posts", () => _reader.SubmitAsync("/compose", "/compose", ("text", text)), status, says);

    private PageCheck LogIn(int status, params string[] says) =>
        new("a stranger who logs in", () => OnceAsync(v => v.SubmitAsync("/login", "/login", ("Name", Name), ("password", Password))), status, says);

    private PageCheck Program(string path, int status, params string[] says) => new($"a program at {path}", async () => await ReadAsync(_program.GetAsync(path)), status, says) { IsForPrograms = true };

    private PageCheck Posting(int status, params string[] says) => new("a program that posts", () => PostAsync("Posted by a program"), status, says) { IsForPrograms = true };

    private PageCheck Ready(string service) => new("/readyz", () => OnceAsync(v => v.GetAsync("/readyz")), 200, "ready, degraded: ", service) { IsForOperators = true };

    private async Task<(HttpStatusCode Status, string Text)> PostAsync(string text)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/statuses") { Content = new FormUrlEncodedContent([new("status", text)]) };
        request.Headers.Add("Idempotency-Key", text);
        return await ReadAsync(_program.SendAsync(request));
    }

    private async Task<(HttpStatusCode, string)> OnceAsync(Func<Visitor, Task<(HttpStatusCode, string)>> visit)
    {
        using var stranger = new Visitor(_url);
        return await visit(stranger);
    }

    private static async Task<(HttpStatusCode, string)> ReadAsync(Task<HttpResponseMessage> asking)
    {
        using var reply = await asking;
        return (reply.StatusCode, await reply.Content.ReadAsStringAsync());
    }
}
