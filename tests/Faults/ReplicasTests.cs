using Npgsql;
using Twite.Faults.History;
using Twite.Faults.Load;
using Twite.Faults.Network;
using Twite.Processes;

namespace Twite.Faults;

/// <summary>Three replicas of each service and two front ends under load: the work is shared, and nobody who reads misses a message, or sees one twice,
/// when replicas go and come back.</summary>
public sealed class ReplicasTests(PostgresAuthors authors, ITestOutputHelper output)
{
    private const double Tolerance = 0.1;
    private const int MeasuredCalls = 900;
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    [Theory, InlineData("grpcs"), InlineData("https")]
    public async Task The_work_is_shared_and_every_screen_and_cursor_has_each_message_once_while_replicas_go_and_come_back(string scheme)
    {
        Assert.SkipUnless(Environment.GetEnvironmentVariable("TWITE_LONG") == "1", "It is among the long forms: ./test --long runs it.");
        var database = await authors.CopyAsync();
        await using var network = new ReplicatedNetwork(scheme, database);
        await network.StartAsync();
        await using var crowd = new Crowd(network.Urls, authors.Tokens);
        await crowd.BeginAsync();

        await MeasureAsync(network, "all from the start");
        await network.StopAsync(2);
        await crowd.WaitForPostsAsync(150);
        await network.StartAsync(2);
        await MeasureAsync(network, "one of each was stopped and is back");
        await network.KillAsync(1);
        await crowd.WaitForPostsAsync(150);
        await network.StartAsync(1);
        await MeasureAsync(network, "one of each was killed and is back");

        var verdict = await crowd.JudgeAsync();
        Assert.True(verdict.Judgement == Judgement.Valid, $"{verdict}\n{network.Log}");
        // A killed replica's claims run out after a minute.
        await Waiting.UntilAsync(async () => await AskAsync(database, "SELECT count(*) FROM messages.outbox") == 0, () => $"all events are handed over\n{network.Log}");
        Assert.Equal(
            await AskAsync(database, "SELECT count(*) FROM messages.messages WHERE text LIKE '% @ada' AND author_name <> 'ada'"),
            await AskAsync(database, "SELECT count(*) FROM notifications.notifications WHERE type = 1"));
    }

    private async Task MeasureAsync(ReplicatedNetwork network, string when)
    {
        // A replica that is back takes part as soon as each caller has noticed.
        var before = await network.ReadCallsAsync();
        await Waiting.UntilAsync(async () =>
        {
            await Task.Delay(Interval, TimeProvider.System);
            var now = await network.ReadCallsAsync();
            var all = now.Zip(before).All(r => r.First.Handled.All(h => h.Value > r.Second.Handled[h.Key]));
            before = now;
            return all;
        }, () => $"each replica is called, {when}\n{network.Log}");
        IReadOnlyList<ReplicaCalls> after = before;
        await Waiting.UntilAsync(async () =>
        {
            await Task.Delay(Interval, TimeProvider.System);
            after = await network.ReadCallsAsync();
            return after[0].Handled.Keys.All(s => after.Zip(before).Sum(r => r.First.Handled[s] - r.Second.Handled[s]) >= MeasuredCalls)
                && after.Zip(before).Sum(r => r.First.HandedOver - r.Second.HandedOver) >= MeasuredCalls / 3;
        }, () => $"there were {MeasuredCalls} calls, {when}\n{network.Log}");
        foreach (var service in after[0].Handled.Keys)
        {
            AssertShared($"calls of {service}, {when}", [.. after.Zip(before).Select(r => r.First.Handled[service] - r.Second.Handled[service])]);
        }
        AssertShared($"events handed over, {when}", [.. after.Zip(before).Select(r => r.First.HandedOver - r.Second.HandedOver)]);
    }

    private void AssertShared(string what, IReadOnlyList<long> shares)
    {
        output.WriteLine($"{what}: {string.Join(", ", shares)}");
        var fair = shares.Sum() / (double)ReplicatedNetwork.Replicas;
        Assert.All(shares, share => Assert.InRange(share, fair * (1 - Tolerance), fair * (1 + Tolerance)));
    }

    private static async Task<long> AskAsync(string database, string sql)
    {
        await using var connection = new NpgsqlConnection(database + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
#pragma warning disable CA2100 // the tests' own
        command.CommandText = sql;
#pragma warning restore CA2100
        return (long)(await command.ExecuteScalarAsync())!;
    }
}
