namespace Anywire.Tcp.Tests.Bed;

/// <summary>Conversations that nobody meant: frames of good ones, left out, doubled, out of order, cut, and with bytes changed. A seed gives the same ones again.</summary>
/// <param name="seed">The seed.</param>
/// <param name="frames">The frames of a good conversation.</param>
internal sealed class Mutations(int seed, IReadOnlyList<byte[]> frames)
{
    private const int Longest = 2_048;

    // Bytes that mean something in many places.
    private static readonly byte[] Telling = [0, 1, 2, 0x7F, 0x80, 0xFF, 0x10, 0x20, 0x23, 0x24, 0x14, 0x06, 0x08, 0x09];

    private readonly Random _random = new(seed);
    private readonly byte[] _bytes = new byte[Longest];

    /// <summary>How many bytes of the last one arrive together.</summary>
    public int AtOnce { get; private set; }

    /// <summary>The next one; valid until the one after it.</summary>
    public ReadOnlyMemory<byte> Next()
    {
        var length = 0;
        for (var count = _random.Next(1, 2 * frames.Count); count > 0; count--)
        {
            // In their order, as a rule: what comes first makes sense of the rest.
            var frame = frames[_random.Next(4) == 0 ? _random.Next(frames.Count) : (frames.Count - (count % frames.Count)) % frames.Count];
            if (length + frame.Length > Longest)
            {
                break;
            }
            frame.CopyTo(_bytes, length);
            length += frame.Length;
        }
        for (var changes = _random.Next(5); changes > 0; changes--)
        {
            _bytes[_random.Next(length)] = _random.Next(2) == 0 ? Telling[_random.Next(Telling.Length)] : (byte)_random.Next(256);
        }
        AtOnce = _random.Next(3) == 0 ? _random.Next(1, 40) : int.MaxValue;
        return _bytes.AsMemory(0, _random.Next(8) == 0 ? _random.Next(length + 1) : length);
    }
}
