namespace Twite.Lab;

/// <summary>How long and how often is measured. Immutable.</summary>
public sealed record Plan
{
    /// <summary>Fifty minutes for all columns: the figures that a report should rest on.</summary>
    public static Plan Full { get; } = new();

    /// <summary>Some minutes for all columns: to see that it works, and the large differences.</summary>
    public static Plan Quick { get; } = new()
    {
        IsQuick = true,
        Rounds = 3,
        Measurement = TimeSpan.FromSeconds(0.4),
        WarmUp = TimeSpan.FromSeconds(1),
        KneeShares = [0.5],
        Losses = [0, 5],
        // A hundred posts: one of them may leave late.
        Screen = TimeSpan.FromSeconds(2.5),
        PostRate = 40,
        ScreenWarmUps = 2,
        People = (2, 8),
    };

    /// <summary>Whether it is the short one.</summary>
    public bool IsQuick { get; init; }

    /// <summary>How often everything is measured. Default: 5.</summary>
    public int Rounds { get; init; } = 5;

    /// <summary>How long one measurement of the scenes call and event lasts. Default: 3 s.</summary>
    public TimeSpan Measurement { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>How long one measurement of the scene screen lasts. Default: 8 s.</summary>
    public TimeSpan Screen { get; init; } = TimeSpan.FromSeconds(8);

    /// <summary>How long a column is warmed up before the first round; what it does meanwhile is thrown away. Default: 4 s.</summary>
    public TimeSpan WarmUp { get; init; } = TimeSpan.FromSeconds(4);

    /// <summary>How many call at once in the closed loops. Default: 1 and 64.</summary>
    public IReadOnlyList<int> Callers { get; init; } = [1, 64];

    /// <summary>The rate of the open loop that is the same for all columns, per second. Default: 1,000.</summary>
    public double CommonRate { get; init; } = 1_000;

    /// <summary>A send of an open loop that left later than this was the generator's fault, and not the wire's. Default: 5 ms.</summary>
    public TimeSpan LateAfter { get; init; } = TimeSpan.FromMilliseconds(5);

    /// <summary>The rates of the other open loops, as shares of what the column reached with most callers in the first round. Default: 0.25, 0.5, 0.75, 0.9.</summary>
    public IReadOnlyList<double> KneeShares { get; init; } = [0.25, 0.5, 0.75, 0.9];

    /// <summary>How many events are under way at once in the scene event. Default: 64.</summary>
    public int EventSenders { get; init; } = 64;

    /// <summary>How long the receiver waits, after the last event that came, for those that were acknowledged and have not; then they are lost. Default: 2 s.</summary>
    public TimeSpan EventPatience { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How many of a hundred datagrams are lost in the scenes event and screen, over columns that send any. Default: 0, 1, 5 and 20.</summary>
    public IReadOnlyList<int> Losses { get; init; } = [0, 1, 5, 20];

    /// <summary>So often the scene screen is warmed up at most: until its posts do not become cheaper any more. Default: 5.</summary>
    public int ScreenWarmUps { get; init; } = 5;

    /// <summary>How many post and how many watch in the scene screen. Default: 4 authors, 16 followers.</summary>
    public (int Authors, int Followers) People { get; init; } = (4, 16);

    /// <summary>Posts per second in the scene screen, of all authors together. Default: 20.</summary>
    public double PostRate { get; init; } = 20;
}
