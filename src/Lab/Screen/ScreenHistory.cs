using Twite.Lab.Load;

namespace Twite.Lab.Screen;

/// <summary>What was posted in one run and what each screen showed of it. Any thread may use it.</summary>
/// <param name="screens">How many screens there are; each is to show every acknowledged post once.</param>
internal sealed class ScreenHistory(int screens)
{
    private readonly Lock _lock = new();
    private readonly HashSet<long> _acknowledged = [];
    private readonly HashSet<(int Screen, long Number)> _shown = [];
    private readonly Dictionary<(int Screen, string Author), long> _newest = [];
    private long _doubles;
    private long _inversions;

    /// <summary>From the intended moment of each post to each screen.</summary>
    public Latencies Latencies { get; } = new();

    /// <summary>Notes that the network has said it has a post.</summary>
    public void Acknowledge(long number)
    {
        lock (_lock)
        {
            _acknowledged.Add(number);
        }
    }

    /// <summary>Notes that a screen showed a post.</summary>
    /// <param name="screen">Which screen.</param>
    /// <param name="author">Whose post.</param>
    /// <param name="number">Which post of the run.</param>
    /// <param name="messageId">Its id on the network, which says the order.</param>
    /// <param name="nanoseconds">Since it was to be posted.</param>
    public void Show(int screen, string author, long number, long messageId, long nanoseconds)
    {
        lock (_lock)
        {
            if (!_shown.Add((screen, number)))
            {
                _doubles++;
                return;
            }
            var newest = _newest.GetValueOrDefault((screen, author));
            _inversions += messageId < newest ? 1 : 0;
            _newest[(screen, author)] = Math.Max(messageId, newest);
        }
        Latencies.Record(nanoseconds);
    }

    /// <summary>Whether every screen has shown every acknowledged post.</summary>
    public bool IsComplete => Judge().Lost == 0;

    /// <summary>What is to be seen in it.</summary>
    public ScreenVerdict Judge()
    {
        lock (_lock)
        {
            // What was shown without having been acknowledged is in time for nobody, and no fault: the answer was lost, not the post.
            var shown = _shown.Count(s => _acknowledged.Contains(s.Number));
            var expected = (long)_acknowledged.Count * screens;
            return new ScreenVerdict(_acknowledged.Count, expected, expected - shown, _doubles, _inversions);
        }
    }
}

/// <summary>What a history shows.</summary>
/// <param name="Posts">Posts acknowledged.</param>
/// <param name="Expected">Acknowledged posts times screens.</param>
/// <param name="Lost">Of those, not shown.</param>
/// <param name="Doubles">Shown again.</param>
/// <param name="Inversions">Shown after a newer post of the same author.</param>
internal sealed record ScreenVerdict(long Posts, long Expected, long Lost, long Doubles, long Inversions);
