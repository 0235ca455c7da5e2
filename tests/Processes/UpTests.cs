using System.Net;
using Microsoft.Data.Sqlite;
using Twite.Faults;
using Twite.Faults.History;
using Twite.Faults.Load;
using Twite.Faults.Network;

namespace Twite.Processes;

/// <summary><c>twite up</c> with real processes: the network works across them, what dies comes back, and nothing outlives its parent.</summary>
public sealed class UpTests(Authors authors, ITestOutputHelper output)
{
    // From when a service is ready again to the first post that goes through.
    private static readonly TimeSpan Recovery = TimeSpan.FromSeconds(5);

    [Theory]
    [InlineData("grpc")]
    [InlineData("http", Skip = LongForm.WhyNot, SkipUnless = nameof(LongForm.IsRequested), SkipType = typeof(LongForm))]
    [InlineData("tcp", Skip = LongForm.WhyNot, SkipUnless = nameof(LongForm.IsRequested), SkipType = typeof(LongForm))]
    [InlineData("sockets", Skip = LongForm.WhyNot, SkipUnless = nameof(LongForm.IsRequested), SkipType = typeof(LongForm))]
    [InlineData("nats", Skip = LongForm.WhyNot, SkipUnless = nameof(LongForm.IsRequested), SkipType = typeof(LongForm))]
    [InlineData("queue", Skip = LongForm.WhyNot, SkipUnless = nameof(LongForm.IsRequested), SkipType = typeof(LongForm))]
    [InlineData("mixed", Skip = LongForm.WhyNot, SkipUnless = nameof(LongForm.IsRequested), SkipType = typeof(LongForm))]
    public async Task People_use_it_while_one_of_its_services_is_killed_and_it_stops_in_order(string topology)
    {
        await using var network = new UpNetwork(topology);
        authors.CopyTo(network.Data);
        network.Start("--Logging:LogLevel:Default=Warning", "--Logging:LogLevel:Twite.Supervision=Information");
        await network.WaitUntilUpAsync();
        var processes = network.Services.Count + (network.Broker is null ? 0 : 1);
        Assert.Contains($"{processes} processes", network.Output);
        Assert.Equal(processes, network.Children.Count);

        await SignUpPostAndFollowAsync(network.Url);
        await using var screen = new Screen(network.Url);
        await screen.Watching.WaitAsync(TimeSpan.FromSeconds(30));
        await using var load = new PostingLoad(network.Url, authors.Tokens, "up");
        await Waiting.UntilAsync(() => load.Acknowledged >= 20, () => $"20 posts were acknowledged\n{network.Log}");
        await KillAsync(network, load, "messages");

        await load.FinishAsync();
        using var reader = new ApiClient(network.Url, null);
        var final = await reader.ReadAllAsync(CancellationToken.None);
        await Waiting.UntilAsync(() => screen.Shown.Any(m => m.Id == final[0].Id), () => "the screen showed the newest post");
        // What the visitor wrote was never part of the load.
        var (ofTheLoad, shown) = (final.Where(m => m.Author != "visitor").ToList(), screen.Shown.Where(m => m.Author != "visitor").ToList());
        await StopUnderLoadAsync(network);

        var verdict = HistoryChecker.Judge(load.History(ofTheLoad, [new ScreenOperation(shown, Complete: true)]));
        Assert.True(verdict.Judgement == Judgement.Valid, verdict.ToString());
    }

    [Fact]
    public async Task Nothing_outlives_a_parent_that_is_killed()
    {
        await using var network = new UpNetwork("grpc");
        network.Start();
        await network.WaitUntilUpAsync();
        var children = network.Children;
        Assert.Equal(network.Services.Count, children.Count);
        await UpNetwork.SignalAsync("KILL", network.Id);
        await network.WaitForExitAsync();
        var took = await Waiting.UntilAsync(() => !children.Any(UpNetwork.IsRunning), () => "its processes have ended");
        output.WriteLine($"all {children.Count} had ended {took.TotalMilliseconds:N0} ms after their parent was killed");
    }

    [Fact(Skip = LongForm.WhyNot, SkipUnless = nameof(LongForm.IsRequested), SkipType = typeof(LongForm))]
    public async Task A_service_that_hangs_is_started_again()
    {
        await using var network = new UpNetwork("grpc");
        network.Start();
        await network.WaitUntilUpAsync();
        var readies = network.ReadiesOf("follows");
        await UpNetwork.SignalAsync("STOP", network.ProcessOf("follows"));
        var back = await Waiting.UntilAsync(() => network.ReadiesOf("follows") > readies, () => $"follows is ready again\n{network.Log}");
        output.WriteLine($"started again and ready {back.TotalSeconds:N0} s after it was stopped");
        Assert.Contains("follows has said nothing for 00:00:35 and is ended by force, since it hangs", network.Log);
        Assert.Equal(0, await network.StopAsync());
    }

    [Fact]
    public async Task What_was_asked_for_wrongly_ends_all_with_its_sentence()
    {
        await using var network = new UpNetwork("grpc");
        network.Start("--certificates", Path.GetTempPath());
        Assert.Equal(2, await network.WaitForExitAsync());
        Assert.Matches("^The certificate file .*ca.pem does not exist; .* Make them with twite keys", network.Log.Split('\n')[^1]);
        Assert.DoesNotContain(network.Services, s => network.StartsOf(s) > 1);
        Assert.Equal(0, network.StartsOf("web"));
    }

    /// <summary>SIGTERM while people post: what was executed was answered, nothing else was stored, and the order is kept.</summary>
    private async Task StopUnderLoadAsync(UpNetwork network)
    {
        var children = network.Children;
        var once = new OnceLoad(network.Url, authors.Tokens.Values);
        await Waiting.UntilAsync(() => once.Answered >= 20, () => $"20 posts were answered\n{string.Join('\n', once.Errors)}\n{network.Log}");
        Assert.Equal(0, await network.StopAsync());
        await once.FinishAsync();
        Assert.DoesNotContain(children, UpNetwork.IsRunning);
        var stops = network.Log.Split('\n').Where(l => l.Contains("Supervisor[8027] Stopping: ")).Select(l => l.Split("Stopping: ")[1]);
        Assert.Equal(["web", "accounts, follows, messages, notifications", .. network.Broker is { } broker ? [broker] : Array.Empty<string>()], stops);

        output.WriteLine($"stopped under load: {once.Answered} answered, {once.Unanswered.Count} not sent or not taken");
        Assert.Empty(once.Errors);
        Assert.NotEmpty(once.Unanswered);
        var stored = StoredTexts(network.Data);
        Assert.DoesNotContain(once.Unanswered, u => stored.Contains(u.Key));
        Assert.Equal(once.Answered, stored.Count(t => t.StartsWith("once ", StringComparison.Ordinal)));
    }

    private static HashSet<string> StoredTexts(string data)
    {
        using var connection = new SqliteConnection($"Data Source={Path.Combine(data, "messages.db")};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT text FROM messages";
        using var reader = command.ExecuteReader();
        var texts = new HashSet<string>(StringComparer.Ordinal);
        while (reader.Read())
        {
            texts.Add(reader.GetString(0));
        }
        return texts;
    }

    /// <summary>kill -9 of one service; waits until posts go through again.</summary>
    private async Task KillAsync(UpNetwork network, PostingLoad load, string service)
    {
        var (starts, readies) = (network.StartsOf(service), network.ReadiesOf(service));
        await UpNetwork.SignalAsync("KILL", network.ProcessOf(service));
        var back = await Waiting.UntilAsync(() => network.ReadiesOf(service) > readies, () => $"{service} is ready again\n{network.Log}");
        var before = load.Acknowledged;
        var first = await Waiting.UntilAsync(() => load.Acknowledged > before, () => $"a post went through\n{network.Log}");
        output.WriteLine($"{service}: ready again after {back.TotalMilliseconds:N0} ms, first post {first.TotalMilliseconds:N0} ms after that");
        Assert.True(network.StartsOf(service) > starts);
        Assert.True(first < Recovery, $"The first post took {first}.");
    }

    private static async Task SignUpPostAndFollowAsync(string url)
    {
        using var visitor = new Visitor(url);
        var (status, page) = await visitor.SubmitAsync("/signup", "/signup", ("Name", "visitor"), ("password", "correct horse battery"));
        Assert.True(status == HttpStatusCode.OK, page);
        (status, page) = await visitor.SubmitAsync("/compose", "/compose", ("text", "Hello across processes"));
        Assert.True(status == HttpStatusCode.OK, page);
        (status, page) = await visitor.SubmitAsync("/@ada", "/follow");
        Assert.True(status == HttpStatusCode.OK && page.Contains("Unfollow ada"), page);
        Assert.Contains("Hello across processes", (await visitor.GetAsync("/")).Text);
    }
}
