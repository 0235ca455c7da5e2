using Google.Protobuf;
using Grpc.Core;

namespace Anywire.Conformance;

/// <summary>What a handler does with a call of a storm.</summary>
internal enum StormManner
{
    Answers,
    AnswersLater,
    HoldsItsThread,
    Refuses,
    Fails,
    WaitsUntilCancelled,
}

/// <summary>One call of a storm: the same for the same number.</summary>
internal sealed class StormCall
{
    /// <summary>How many messages a stream has.</summary>
    public const int StreamLength = 4;

    // Besides the body: number, text, and what the wire adds.
    private const int Beside = 700;

    // Nothing in a storm takes so long that is not lost.
    private static readonly TimeSpan Ample = TimeSpan.FromSeconds(15);

    private readonly bool _isBrief;

    public StormCall(int number, int maxMessageBytes)
    {
        var chance = new Random(number);
        Number = number;
        Kind = chance.Next(1_000);
        Manner = (StormManner)chance.Next(6);
        MayBeAnswered = Manner is StormManner.Answers or StormManner.AnswersLater or StormManner.HoldsItsThread;
        GivesUpAfter = chance.Next(4) == 0 ? TimeSpan.FromMilliseconds(chance.Next(20)) : null;
        LeavesAfter = chance.Next(4) == 0 ? chance.Next(StreamLength) : null;
        HoldsUp = chance.Next(8) == 0;
        _isBrief = chance.Next(4) == 0 || (Manner == StormManner.WaitsUntilCancelled && GivesUpAfter is null);
        Deadline = TimeProvider.System.GetUtcNow().UtcDateTime + (_isBrief ? TimeSpan.FromMilliseconds(chance.Next(50)) : Ample);
        var body = new byte[Math.Min(maxMessageBytes - Beside, chance.Next(4) switch { 0 => 0, 1 => 100, 2 => 5_000, _ => 150_000 })];
        Array.Fill(body, (byte)number);
        Request = new Item { Number = number, Text = $"{Manner}", Body = ByteString.CopyFrom(body) };
    }

    public int Number { get; }

    /// <summary>Any number: which kind it is depends on how many there are.</summary>
    public int Kind { get; }

    public StormManner Manner { get; }

    public Item Request { get; }

    /// <summary>When it is over: soon, or after ample time.</summary>
    public DateTime Deadline { get; }

    /// <summary>When its caller gives it up.</summary>
    public TimeSpan? GivesUpAfter { get; }

    /// <summary>After which message of a stream its reader leaves.</summary>
    public int? LeavesAfter { get; }

    /// <summary>Whether it may end well.</summary>
    public bool MayBeAnswered { get; set; }

    /// <summary>Whether its caller blocks the thread that brought the answer.</summary>
    public bool HoldsUp { get; }

    public bool MayEndWith(StatusCode status) => status switch
    {
        StatusCode.OK => MayBeAnswered,
        StatusCode.FailedPrecondition => Manner == StormManner.Refuses,
        StatusCode.Unknown => Manner == StormManner.Fails,
        StatusCode.Cancelled => GivesUpAfter is not null,
        StatusCode.DeadlineExceeded => _isBrief,
        _ => false,
    };

    /// <summary>Blocks the thread for a moment.</summary>
    public static void HoldThread()
    {
        using var never = new ManualResetEventSlim();
        never.Wait(TimeSpan.FromMilliseconds(3));
    }

    public override string ToString() =>
        $"Call {Number} (kind {Kind}, {Manner}, {Request.Body.Length:N0} bytes, deadline {Deadline:O}, given up after {GivesUpAfter?.TotalMilliseconds} ms, left after {LeavesAfter})";
}
