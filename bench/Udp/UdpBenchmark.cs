using System.Diagnostics;
using Anywire;
using Anywire.Certificates;
using Anywire.Udp;
using Google.Protobuf;
using Microsoft.Extensions.Logging.Abstractions;

namespace Twite.Bench.Udp;

/// <summary>Events of 141 bytes one way between two processes, by generated stubs, sealed, with the caller allowed by name: CPU of both processes for each, and how many arrive; against each of them sealed
/// by itself and sent by one <c>SendTo</c>, in turns in the same run. Then the same acknowledged, with 1,024 under way.</summary>
internal static class UdpBenchmark
{
    private const int Rounds = 7;
    private const int Seconds = 2;
    private const int UnderWay = 1_024;
    private const double MostCpu = 2.5;
    private const int LeastDelivered = 500_000;
    private const int Wanted = 600_000;
    private const double LeastCheaper = 4;
    private const double MostAcknowledged = 2;

    private static readonly Line Event = new() { Text = new string('t', 138) };

    public static async Task RunAsync()
    {
        using var authority = new TestAuthority();
        using var receiver = await ReceiverProcess.StartAsync(authority.For("service"));
        await using var client = Connect($"udps://127.0.0.1:{receiver.Ports[0]}", authority.For("tester"));
        await using var plain = Connect($"udp://127.0.0.1:{receiver.Ports[1]}", null);
        using var floor = SealedFloor.To(receiver.Ports[2]);
        using var losses = new Losses();
        var (lines, plainLines) = (new Lines.LinesClient(client.Invoker), new Lines.LinesClient(plain.Invoker));
        await client.ConnectAsync(CancellationToken.None);
        await plain.ConnectAsync(CancellationToken.None);
        var body = Event.ToByteArray();
        Console.WriteLine($"  an event has {body.Length} bytes");

        Task<int> EventsAsync(int rate) => MeasurePacedAsync(rate, () => _ = lines.TellAsync(Event));
        Task<int> PlainAsync(int rate) => MeasurePacedAsync(rate, () => _ = plainLines.TellAsync(Event));
        Task<int> FloorAsync(int rate) => MeasurePacedAsync(rate, () => floor.Send(body));
        Task<int> AcknowledgedAsync() => UnderWayAsync(lines);

        // The compiler has done its best after that.
        for (var i = 0; i < 2; i++)
        {
            await SampleAsync(receiver, losses, () => EventsAsync(LeastDelivered));
            await SampleAsync(receiver, losses, () => PlainAsync(LeastDelivered));
            await SampleAsync(receiver, losses, () => FloorAsync(50_000));
            await SampleAsync(receiver, losses, AcknowledgedAsync);
        }
        var rounds = new List<(Sample Events, Sample Plain, Sample Floor, Sample Acknowledged)>();
        for (var i = 0; i < Rounds; i++)
        {
            rounds.Add((
                await SampleAsync(receiver, losses, () => EventsAsync(Wanted)), await SampleAsync(receiver, losses, () => PlainAsync(Wanted)),
                await SampleAsync(receiver, losses, () => FloorAsync(50_000)), await SampleAsync(receiver, losses, AcknowledgedAsync)));
        }
        var events = Print("events, sealed", [.. rounds.Select(r => r.Events)]);
        Print("events, plain", [.. rounds.Select(r => r.Plain)]);
        var single = Print("floor: one sealed SendTo each", [.. rounds.Select(r => r.Floor)]);
        var acknowledged = Print($"acknowledged events, {UnderWay:N0} under way", [.. rounds.Select(r => r.Acknowledged)]);
        var cheaper = Paired.Median(rounds.Select(r => r.Floor.Cpu / r.Events.Cpu));
        var dearer = Paired.Median(rounds.Select(r => r.Acknowledged.Cpu / r.Events.Cpu));
        Verdict($"delivered {events.Rate:N0}/s", $"at least {LeastDelivered:N0}, without loss", events.Rate >= LeastDelivered && rounds.All(r => r.Events.Lost == 0));
        Verdict($"{events.Cpu:N2} µs each", $"at most {MostCpu}", events.Cpu <= MostCpu);
        Verdict($"{cheaper:N2} times cheaper than one sealed SendTo each ({single.Cpu:N2} µs)", $"at least {LeastCheaper}", cheaper >= LeastCheaper);
        Verdict($"acknowledged {dearer:N2} times an event ({acknowledged.Cpu:N2} µs)", $"at most {MostAcknowledged}", dearer <= MostAcknowledged);
        foreach (var rate in new[] { 700_000, 900_000, 1_200_000 })
        {
            Print($"events, sealed, {rate:N0}/s wanted", [await SampleAsync(receiver, losses, () => EventsAsync(rate))]);
        }
    }

    private static AnywireClient Connect(string address, ServiceCredentials? credentials) => new(
        new UdpTransport(),
        new TransportClientOptions
        {
            Endpoints = [Endpoint.Parse(address)],
            Service = "service",
            Caller = "tester",
            Contracts = new ContractTable([Lines.Descriptor]),
            Credentials = credentials,
            Loggers = NullLoggerFactory.Instance,
            Time = TimeProvider.System,
        },
        limits: new ServerLimits { BestEffortQueue = 64 * 1024 });

    /// <summary>So many a second, as a program would that has as much to say: what is due, whenever a timer ticks. What a busy machine keeps it from saying for long is not made up
    /// for at once: that would only measure how long its queue is.</summary>
    private static async Task<int> MeasurePacedAsync(int rate, Action send)
    {
        const double MostLate = 0.02;
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(1));
        var (last, due, sent) = (Stopwatch.GetTimestamp(), 0.0, 0);
        while (sent < rate * Seconds && await timer.WaitForNextTickAsync())
        {
            var now = Stopwatch.GetTimestamp();
            due = Math.Min(rate * Seconds, due + (Math.Min(Stopwatch.GetElapsedTime(last, now).TotalSeconds, MostLate) * rate));
            last = now;
            for (; sent < due; sent++)
            {
                send();
            }
        }
        return sent;
    }

    private static async Task<int> UnderWayAsync(Lines.LinesClient lines)
    {
        const int Each = 500;
        await Task.WhenAll(Enumerable.Range(0, UnderWay).Select(async _ =>
        {
            for (var i = 0; i < Each; i++)
            {
                await lines.HandAsync(Event);
            }
        }));
        return Each * UnderWay;
    }

    private static async Task<Sample> SampleAsync(ReceiverProcess receiver, Losses losses, Func<Task<int>> run)
    {
        var before = await receiver.AskAsync();
        var (cpu, dropped, started) = (Environment.CpuUsage.TotalTime, losses.Queue, Stopwatch.GetTimestamp());
        var sent = await run();
        var after = await receiver.AskAsync();
        var wall = Stopwatch.GetElapsedTime(started);
        // What is still on its way comes within a moment, or never.
        for (var i = 0; i < 50 && after.Count - before.Count < sent; i++)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(2), TimeProvider.System);
            var now = await receiver.AskAsync();
            wall = now.Count > after.Count ? Stopwatch.GetElapsedTime(started) : wall;
            after = now;
        }
        var delivered = after.Count - before.Count;
        var spent = Environment.CpuUsage.TotalTime - cpu;
        return new Sample(
            delivered / wall.TotalSeconds, (spent + after.Cpu - before.Cpu).TotalMicroseconds / delivered, spent.TotalMicroseconds / delivered,
            sent - delivered, losses.Queue - dropped, after.Kernel - before.Kernel, after.Network - before.Network);
    }

    private static Sample Print(string what, IReadOnlyList<Sample> rounds)
    {
        double Of(Func<Sample, double> part) => Paired.Median(rounds.Select(part));
        var median = new Sample(
            Of(s => s.Rate), Of(s => s.Cpu), Of(s => s.Sender), rounds.Sum(s => s.Lost), rounds.Sum(s => s.Queue), rounds.Sum(s => s.Kernel), rounds.Sum(s => s.Network));
        Console.WriteLine(
            $"  {what,-44} {median.Cpu,6:N2} µs each ({median.Sender:N2} + {median.Cpu - median.Sender:N2}; {rounds.Min(r => r.Cpu):N2} to {rounds.Max(r => r.Cpu):N2})   {median.Rate,9:N0}/s   "
            + $"lost {median.Lost:N0}: queue {median.Queue:N0}, kernel {median.Kernel:N0} datagrams, network {median.Network:N0}");
        return median;
    }

    private static void Verdict(string what, string target, bool holds) => Console.WriteLine($"  {what,-70} {target} {(holds ? "✓" : "✗")}");

    /// <param name="Rate">Delivered a second.</param>
    /// <param name="Cpu">Microseconds of both processes for each.</param>
    /// <param name="Sender">Of those, of the sender.</param>
    /// <param name="Lost">Events that did not arrive.</param>
    /// <param name="Queue">Of those, dropped by a full queue.</param>
    /// <param name="Kernel">Datagrams dropped by the kernel.</param>
    /// <param name="Network">Datagrams lost otherwise.</param>
    private sealed record Sample(double Rate, double Cpu, double Sender, long Lost, long Queue, long Kernel, long Network);
}
