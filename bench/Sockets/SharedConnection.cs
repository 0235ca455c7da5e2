namespace Twite.Bench.Sockets;

/// <summary>Calls on a connection that carries something else too, at a tenth of what it can do: alone, beside a stream that nobody reads, beside answers of 4 MiB
/// back to back, and beside such answers between two other processes, which shows what they cost where nothing but the machine is shared; in turns.</summary>
internal static class SharedConnection
{
    private const int Alone = 0;
    private const int Bulk = 2;
    private const int Elsewhere = 3;

    private static readonly (string Beside, string Words)[] Ways =
        [("", "alone"), (Neighbour.Stalled, "beside a stalled stream"), (Neighbour.Bulk, "beside 4 MiB answers"), (Neighbour.Bulk, "4 MiB answers elsewhere")];

    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(50);

    // Looks at the stream that find it still where it was.
    private const int Still = 4;
    private const int MostLooks = 400;

    public static async Task RunAsync(Contender contender, string keys, TcpSettings settings, Results results)
    {
        var rate = settings.Rate ?? await Knee.FindAsync(contender, settings, results) / 10;
        var order = new Order("open", Rate: rate, Seconds: settings.Seconds);
        var samples = Ways.Select(static _ => new List<Sample>()).ToArray();
        var (stalledAt, fetched) = (new List<double>(), Ways.Select(static _ => new List<double>()).ToArray());
        await using var others = await Contender.StartAsync(contender.Name, keys, isAsync: false);
        for (var round = 0; round < settings.Rounds; round++)
        {
            foreach (var way in round % 2 == 0 ? Enumerable.Range(0, Ways.Length) : Enumerable.Range(0, Ways.Length).Reverse())
            {
                var sharing = way == Elsewhere ? others : contender;
                var before = await contender.WrittenAsync();
                await sharing.ShareAsync(Ways[way].Beside);
                if (Ways[way].Beside == Neighbour.Stalled)
                {
                    var at = await StallAsync(contender);
                    stalledAt.Add(at - before);
                    samples[way].Add(await contender.RunAsync(order));
                    Check(await contender.WrittenAsync() == at, "The stream went on while its reader stood still.");
                }
                else
                {
                    var first = await sharing.FetchedAsync();
                    samples[way].Add(await contender.RunAsync(order));
                    var come = await sharing.FetchedAsync() - first;
                    Check(Ways[way].Beside.Length == 0 || come > 0, "Not one answer of 4 MiB came while calls were measured.");
                    fetched[way].Add(come);
                }
                await sharing.ShareAsync("");
            }
        }
        foreach (var ((_, words), rounds) in Ways.Zip(samples))
        {
            results.Add(contender, $"{rate:N0}/s {words}", rounds);
        }
        results.Say($"the stalled stream stood still after {Paired.Median(stalledAt):N0} messages of 1 KiB; {Paired.Median(fetched[Bulk]):N0} answers of 4 MiB came in a round, elsewhere {Paired.Median(fetched[Elsewhere]):N0}");
        for (var way = 1; way < Ways.Length; way++)
        {
            results.Compare(
                $"{contender.Name}: p99 {Ways[way].Words}, of that alone", "shared connection", samples[way], samples[Alone], static s => s.P99,
                contender.Name.IsHeldToLimits && way != Elsewhere ? Limits.BesideP99 : null);
        }
        // Late sends are no reason not to compare these: the same answers keep the sender waiting in both.
        results.Judge(
            $"{contender.Name}: p99 beside 4 MiB answers, of that with them elsewhere", "shared connection",
            [.. samples[Bulk].Zip(samples[Elsewhere], static (here, there) => here.P99 / there.P99)], limit: null);
    }

    /// <summary>Waits until the stream stands still.</summary>
    /// <returns>How many messages had been written to streams by then.</returns>
    private static async Task<long> StallAsync(Contender contender)
    {
        var (last, still) = (await contender.WrittenAsync(), 0);
        for (var look = 0; still < Still; look++)
        {
            Check(look < MostLooks, "The stream does not stand still though nobody reads it.");
            await Task.Delay(Glance, TimeProvider.System);
            var now = await contender.WrittenAsync();
            (last, still) = (now, now == last ? still + 1 : 0);
        }
        return last;
    }

    private static void Check(bool holds, string otherwise)
    {
        if (!holds)
        {
            throw new InvalidOperationException(otherwise);
        }
    }
}
