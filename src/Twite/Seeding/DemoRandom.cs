namespace Twite.Seeding;

/// <summary>SplitMix64 (Steele, Lea, Flood 2014): the same numbers from the same seed on every machine and version, and a stream of their own
/// for each thing that is made, so that any part can be made again without the parts before it.</summary>
internal struct DemoRandom
{
    private ulong _state;

    /// <summary>The numbers of one thing.</summary>
    /// <param name="seed">The network's seed.</param>
    /// <param name="stream">Which kind of thing.</param>
    /// <param name="index">Which of them.</param>
    public DemoRandom(long seed, int stream, long index)
    {
        _state = (ulong)seed;
        _state = Next() ^ ((ulong)(uint)stream << 32);
        _state = Next() ^ (ulong)index;
    }

    /// <summary>0 to below 1.</summary>
    public double NextDouble() => (Next() >> 11) * (1.0 / (1UL << 53));

    /// <summary>0 to below the bound.</summary>
    public int Next(int bound) => (int)(NextDouble() * bound);

    /// <summary>True this often.</summary>
    public bool Chance(double probability) => NextDouble() < probability;

    /// <summary>One of them.</summary>
    public T Pick<T>(IReadOnlyList<T> from) => from[Next(from.Count)];

    private ulong Next()
    {
        var z = _state += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
