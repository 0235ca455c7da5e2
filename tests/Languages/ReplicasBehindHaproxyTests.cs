using System.Collections.Concurrent;
using System.Net;
using Twite.Faults;
using Twite.Postgres;
using Twite.Processes;

namespace Twite.Languages;

/// <summary>Stock haproxy before two accounts services of ours on one PostgreSQL, TLS from end to end: either may die, and people notice nothing that
/// trying once more does not mend. Long form.</summary>
public sealed class ReplicasBehindHaproxyTests
{
    private const string Password = "correct horse battery";
    private const int Readers = 4;

    private readonly ConcurrentQueue<string> _errors = new();
    private int _done;

    [Fact]
    public async Task Either_of_two_may_be_killed_while_people_read_and_log_in()
    {
        LongForm.RequireIf(isLong: true);
        await using var server = await PostgresCluster.StartAsync(durable: false);
        await using var network = new Network();
        var proxy = await AccountsProxy.StartAsync(network);
        var tables = $"--Accounts:ConnectionString={server.ConnectionStringOf("postgres")}";
        var replicas = new[] { await network.RunAsync("accounts-1", tables), await network.RunAsync("accounts-2", tables) };
        await network.RunAsync("messages follows notifications web");
        foreach (var name in new[] { "accounts-1", "accounts-2" })
        {
            await proxy.Program.WaitForAsync($"accounts/{name} is UP");
        }
        using (var ada = new Visitor(proxy.Url))
        {
            var (status, page) = await ada.SubmitAsync("/signup", "/signup", ("Name", "ada"), ("password", Password));
            Assert.True(status == HttpStatusCode.OK, page);
        }
        using var stop = new CancellationTokenSource();
        var people = Enumerable.Range(0, Readers).Select(_ => Task.Run(() => LiveAsync(proxy.Url, stop.Token))).ToList();

        for (var dies = 0; dies < replicas.Length; dies++)
        {
            var replica = $"accounts/accounts-{dies + 1}";
            await DoneAsync(20, network);
            var (ups, downs) = (Count(proxy, $"{replica} is UP"), Count(proxy, $"{replica} is DOWN"));
            await replicas[dies].KillAsync();
            await DoneAsync(40, network);
            await Waiting.UntilAsync(() => Count(proxy, $"{replica} is DOWN") > downs, () => $"the proxy knows\n{proxy.Program.Log}");
            await network.RunAsync($"accounts-{dies + 1}", tables);
            await Waiting.UntilAsync(() => Count(proxy, $"{replica} is UP") > ups, () => $"the proxy knows\n{proxy.Program.Log}");
        }

        await stop.CancelAsync();
        await Task.WhenAll(people);
        Assert.True(_errors.IsEmpty, $"{_done} times it went well, and not here:\n{string.Join('\n', _errors)}\n{network.Log}");
    }

    // Logs in now and then, reads a page that says who one is, and tries once more when that fails.
    private async Task LiveAsync(string url, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            using var visitor = new Visitor(url);
            await TryTwiceAsync(() => visitor.SubmitAsync("/login", "/login", ("Name", "ada"), ("password", Password)), "");
            for (var i = 0; i < 10 && !stop.IsCancellationRequested; i++)
            {
                await TryTwiceAsync(() => visitor.GetAsync("/settings"), "Logged in as");
            }
        }
    }

    private async Task TryTwiceAsync(Func<Task<(HttpStatusCode Status, string Text)>> act, string expected)
    {
        var first = await act();
        if (!IsWell(first) && await act() is var second && !IsWell(second))
        {
            _errors.Enqueue($"{first}; {second}");
            return;
        }
        Interlocked.Increment(ref _done);

        bool IsWell((HttpStatusCode Status, string Text) page) => page.Status == HttpStatusCode.OK && page.Text.Contains(expected, StringComparison.Ordinal);
    }

    private Task DoneAsync(int more, Network network)
    {
        var before = Volatile.Read(ref _done);
        return Waiting.UntilAsync(() => Volatile.Read(ref _done) >= before + more, () => $"people went on\n{string.Join('\n', _errors)}\n{network.Log}");
    }

    private static int Count(AccountsProxy proxy, string text) => proxy.Program.Log.Split(text).Length - 1;
}
