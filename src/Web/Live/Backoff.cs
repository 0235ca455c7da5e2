namespace Twite.Web.Live;

/// <summary>How long to wait before another try: doubled each time, with jitter so that many do not try together. Not thread-safe.</summary>
internal sealed class Backoff(TimeSpan least, TimeSpan most)
{
    private int _tries;

    /// <summary>The next wait: between half and the whole of what it has grown to.</summary>
    public TimeSpan Next()
    {
        var grown = least * Math.Pow(2, Math.Min(_tries++, 30));
        return (grown < most ? grown : most) * (0.5 + (Random.Shared.NextDouble() / 2));
    }

    /// <summary>It worked: begins again from the least.</summary>
    public void Reset() => _tries = 0;
}
