using System.Text.Json.Serialization;
using Twite.Lab.Load;

namespace Twite.Lab.Processes;

/// <summary>What a worker answers. One line of JSON each, on its standard output.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "is")]
[JsonDerivedType(typeof(BrokerOpened), "broker-opened")]
[JsonDerivedType(typeof(Opened), "opened")]
[JsonDerivedType(typeof(Done), "done")]
[JsonDerivedType(typeof(Failed), "failed")]
[JsonDerivedType(typeof(Ran), "ran")]
[JsonDerivedType(typeof(Usage), "usage")]
[JsonDerivedType(typeof(EventsReceived), "events-received")]
[JsonDerivedType(typeof(NetworkOpened), "network-opened")]
[JsonDerivedType(typeof(ScreensShowed), "screens-showed")]
[JsonDerivedType(typeof(LossSet), "loss-set")]
internal abstract record Answer;

/// <summary>The broker takes connections.</summary>
/// <param name="Port">Where.</param>
internal sealed record BrokerOpened(int Port) : Answer;

/// <summary>The servers listen.</summary>
/// <param name="Addresses">Where, by the service's name.</param>
internal sealed record Opened(IReadOnlyDictionary<string, string> Addresses) : Answer;

/// <summary>It is done.</summary>
internal sealed record Done : Answer;

/// <summary>It could not be done.</summary>
/// <param name="Message">Why.</param>
internal sealed record Failed(string Message) : Answer;

/// <summary>What a loop came to.</summary>
/// <param name="Calls">As <see cref="LoopResult.Calls"/>.</param>
/// <param name="Failures">As <see cref="LoopResult.Failures"/>.</param>
/// <param name="Failed">As <see cref="LoopResult.Failed"/>.</param>
/// <param name="FirstFailure">As <see cref="LoopResult.FirstFailure"/>.</param>
/// <param name="Seconds">As <see cref="LoopResult.Elapsed"/>.</param>
/// <param name="Late">As <see cref="LoopResult.Late"/>.</param>
/// <param name="CpuMicroseconds">What the process has used for the loop, and not for telling about it.</param>
/// <param name="Latencies">As <see cref="Load.Latencies.Encode"/>.</param>
internal sealed record Ran(
    long Calls, long Failures, IReadOnlyList<long> Failed, string? FirstFailure, double Seconds, long Late, double CpuMicroseconds, byte[] Latencies) : Answer
{
    /// <summary>Runs a loop.</summary>
    public static async Task<Ran> OfAsync(Func<Task<LoopResult>> loop, Func<TimeSpan> cpu)
    {
        var before = cpu();
        var result = await loop();
        var used = cpu() - before;
        return new Ran(
            result.Calls, result.Failures, result.Failed, result.FirstFailure, result.Elapsed.TotalSeconds, result.Late, used.TotalMicroseconds, result.Latencies.Encode());
    }
}

/// <summary>What the process has used since it started.</summary>
/// <param name="CpuMicroseconds">Of all its threads, in user and kernel mode.</param>
internal sealed record Usage(double CpuMicroseconds) : Answer;

/// <summary>What came of a run of events.</summary>
/// <param name="Distinct">Different events received, but for those whose sending failed.</param>
/// <param name="Doubles">Deliveries of an event that had come before.</param>
/// <param name="Inversions">Events that came after a later one of the same sender.</param>
/// <param name="Seconds">From the first one's intended time of sending until the last came; 0 when none has.</param>
/// <param name="Latencies">From the intended time of sending to the handler.</param>
internal sealed record EventsReceived(long Distinct, long Doubles, long Inversions, double Seconds, byte[] Latencies) : Answer;

/// <summary>The network is up.</summary>
/// <param name="Url">Where.</param>
/// <param name="People">Who has signed up.</param>
internal sealed record NetworkOpened(string Url, IReadOnlyList<Person> People) : Answer;

/// <summary>The way is as bad as it was to be.</summary>
/// <param name="Dropped">How many datagrams were lost until then.</param>
internal sealed record LossSet(long Dropped) : Answer;

/// <summary>What the screens showed of a run of posts.</summary>
/// <param name="Posts">Posts acknowledged.</param>
/// <param name="Failures">Posts that failed.</param>
/// <param name="FirstFailure">Why the first one failed; null: none did.</param>
/// <param name="Seconds">How long the posting took.</param>
/// <param name="Late">Posts that left late.</param>
/// <param name="Expected">Acknowledged posts times screens.</param>
/// <param name="Lost">Of those, not shown.</param>
/// <param name="Doubles">Shown again.</param>
/// <param name="Inversions">Shown after a later post of the same author.</param>
/// <param name="CpuMicroseconds">What the process has used for it.</param>
/// <param name="Latencies">From the intended time of the post to the screen.</param>
internal sealed record ScreensShowed(
    long Posts, long Failures, string? FirstFailure, double Seconds, long Late, long Expected, long Lost, long Doubles, long Inversions,
    double CpuMicroseconds, byte[] Latencies) : Answer;
