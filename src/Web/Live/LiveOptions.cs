namespace Twite.Web.Live;

/// <summary>How the live feed and its streams behave. Immutable.</summary>
public sealed record LiveOptions
{
    /// <summary>Where this front end's <c>LiveUpdatesService</c> listens, as Notifications reaches it: an Anywire address.</summary>
    public required string ReceiverAddress { get; init; }

    /// <summary>Names this start of the front end to Notifications. At most 64 bytes of ASCII. Default: 128 random bits.</summary>
    public string Instance { get; init; } = Guid.NewGuid().ToString("N");

    /// <summary>How often the lease on updates is renewed; a lease lasts 15 s. Default: 5 s.</summary>
    public TimeSpan LeaseInterval { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long an update that came too early waits for those before it, until what is missing is read. Default: 100 ms.</summary>
    public TimeSpan ReorderGrace { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Without any update for so long (one comes every second) the feed reads the changes itself. Default: 3 s.</summary>
    public TimeSpan Silence { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>Without the update of any post for so long the feed reads the changes once, though other updates come: it may be that Notifications
    /// does not hear of posts. Default: 15 s.</summary>
    public TimeSpan CheckInterval { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>While no updates come, what else they would have told is read again so often: whom people follow, and
    /// whether they are still here. Default: 30 s.</summary>
    public TimeSpan DistrustInterval { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How soon changes are read again while updates stay away; doubled up to <see cref="MaxPollInterval"/> when there was nothing.
    /// Default: 500 ms.</summary>
    public TimeSpan MinPollInterval { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Default: 5 s.</summary>
    public TimeSpan MaxPollInterval { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The most updates that wait to be taken in; one more counts as lost, and is read instead. Default: 4,096.</summary>
    public int InboxLength { get; init; } = 4_096;

    /// <summary>The most streams at once; one more is refused with 503. Default: 15,000.</summary>
    public int MaxStreams { get; init; } = 15_000;

    /// <summary>The most streams of one account at once; one more is refused with 429. Default: 20.</summary>
    public int MaxStreamsPerAccount { get; init; } = 20;

    /// <summary>Of <see cref="MaxStreams"/>, the most that strangers may have; the rest is for people who are logged in. Default: 10,000.</summary>
    public int MaxStreamsOfStrangers { get; init; } = 10_000;

    /// <summary>The most streams of strangers from one address (of IPv6 the /64); one more is refused with 429. Default: 100.</summary>
    public int MaxStreamsPerAddress { get; init; } = 100;

    /// <summary>The most events that wait for one slow reader; one more makes its stream read from the database where it left off.
    /// Default: 256.</summary>
    public int QueueLength { get; init; } = 256;

    /// <summary>How many streams may be reading what they missed at the same time. Default: 16.</summary>
    public int MaxCatchUps { get; init; } = 16;

    /// <summary>Of <see cref="MaxCatchUps"/>, the most that strangers' streams may take. Default: 8.</summary>
    public int MaxCatchUpsOfStrangers { get; init; } = 8;

    /// <summary>About how many changes a stream reads that it missed; where there are more, it passes over them and goes on from the present, and a page
    /// is loaded anew. Default: 5,000.</summary>
    public int MaxMissed { get; init; } = 5_000;

    /// <summary>After how long without an event a stream carries a comment, so that proxies keep it. Default: 15 s.</summary>
    public TimeSpan Heartbeat { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>A stream older than this ends, and its client reconnects: a session that has ended gets no further. Default: 30 min.</summary>
    public TimeSpan MaxStreamAge { get; init; } = TimeSpan.FromMinutes(30);
}
