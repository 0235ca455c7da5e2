using System.Buffers.Binary;
using System.Text;
using Anywire.Udp.Format;
using Anywire.Udp.Sealing;

namespace Anywire.Udp.Control;

/// <summary>The payloads of control frames; the README beside the project gives their bytes.</summary>
internal static class ControlFormat
{
    private const int HelloBytes = 2 + KeyAgreement.SecretBytes;
    private const int WelcomeBytes = 11 + KeyAgreement.SecretBytes;
    private const int CountersBytes = 20;
    private const int RekeyBytes = 1 + KeyAgreement.SecretBytes;

    public static byte[] Hello(byte ciphers, ReadOnlySpan<byte> secret) => [Datagram.Version, ciphers, .. secret];

    /// <exception cref="IOException">It is none.</exception>
    public static (byte Version, byte Ciphers, byte[] Secret) ReadHello(ReadOnlySpan<byte> payload) =>
        payload.Length >= HelloBytes ? (payload[0], payload[1], payload[2..HelloBytes].ToArray()) : throw Malformed();

    public static byte[] Welcome(Cipher cipher, byte key, uint session, int window, ReadOnlySpan<byte> secret)
    {
        var welcome = new byte[WelcomeBytes];
        welcome[0] = Datagram.Version;
        welcome[1] = (byte)cipher;
        welcome[2] = key;
        BinaryPrimitives.WriteUInt32BigEndian(welcome.AsSpan(3), session);
        BinaryPrimitives.WriteUInt32BigEndian(welcome.AsSpan(7), (uint)window);
        secret.CopyTo(welcome.AsSpan(11));
        return welcome;
    }

    /// <exception cref="IOException">It is none.</exception>
    public static (Cipher Cipher, byte Key, uint Session, int Window, byte[] Secret) ReadWelcome(ReadOnlySpan<byte> payload)
    {
        if (payload.Length < WelcomeBytes || payload[0] != Datagram.Version || payload[1] is not (1 or 2))
        {
            throw Malformed();
        }
        return ((Cipher)payload[1], payload[2], BinaryPrimitives.ReadUInt32BigEndian(payload[3..]),
            (int)Math.Min(BinaryPrimitives.ReadUInt32BigEndian(payload[7..]), int.MaxValue), payload[11..WelcomeBytes].ToArray());
    }

    public static byte[] Counters(ulong next, ulong received, uint kernelDrops)
    {
        var counters = new byte[CountersBytes];
        BinaryPrimitives.WriteUInt64BigEndian(counters, next);
        BinaryPrimitives.WriteUInt64BigEndian(counters.AsSpan(8), received);
        BinaryPrimitives.WriteUInt32BigEndian(counters.AsSpan(16), kernelDrops);
        return counters;
    }

    /// <exception cref="IOException">It is none.</exception>
    public static (ulong Next, ulong Received, uint KernelDrops) ReadCounters(ReadOnlySpan<byte> payload) => payload.Length >= CountersBytes
        ? (BinaryPrimitives.ReadUInt64BigEndian(payload), BinaryPrimitives.ReadUInt64BigEndian(payload[8..]), BinaryPrimitives.ReadUInt32BigEndian(payload[16..]))
        : throw Malformed();

    /// <summary>One side's part of a new key.</summary>
    public static byte[] Rekey(byte number, ReadOnlySpan<byte> secret) => [number, .. secret];

    /// <exception cref="IOException">It is none.</exception>
    public static (byte Number, byte[] Secret) ReadRekey(ReadOnlySpan<byte> payload) =>
        payload.Length >= RekeyBytes ? (payload[0], payload[1..RekeyBytes].ToArray()) : throw Malformed();

    public static byte[] Refused(string why) => Encoding.UTF8.GetBytes(why);

    public static IOException Malformed() => new("A frame of the control connection is not of the form.");
}
