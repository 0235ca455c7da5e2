using System.Buffers.Binary;

namespace Anywire.Udp.Format;

/// <summary>How a session begins on a plain wire, where there is no control connection.</summary>
internal static class PlainFormat
{
    public const int HelloBytes = 20;
    public const int WelcomeBytes = 20;

    private const int InstanceAt = 2;

    /// <summary>Begins a session.</summary>
    /// <param name="instance">The caller's start: any number but 0 that is not used again.</param>
    public static byte[] Hello(ulong instance)
    {
        var hello = new byte[HelloBytes];
        hello[0] = (byte)DatagramKind.Hello;
        hello[1] = Datagram.Version;
        BinaryPrimitives.WriteUInt64BigEndian(hello.AsSpan(InstanceAt), instance);
        return hello;
    }

    public static byte[] Welcome(ulong instance, uint session, int window)
    {
        var welcome = new byte[WelcomeBytes];
        welcome[0] = (byte)DatagramKind.Welcome;
        welcome[1] = Datagram.Version;
        BinaryPrimitives.WriteUInt64BigEndian(welcome.AsSpan(InstanceAt), instance);
        BinaryPrimitives.WriteUInt32BigEndian(welcome.AsSpan(10), session);
        BinaryPrimitives.WriteUInt32BigEndian(welcome.AsSpan(14), (uint)window);
        return welcome;
    }

    /// <summary>What a welcome says; null when it is none for that start.</summary>
    public static (uint Session, int Window)? ReadWelcome(ReadOnlySpan<byte> datagram, ulong instance) =>
        datagram.Length >= WelcomeBytes && datagram[0] == (byte)DatagramKind.Welcome && datagram[1] == Datagram.Version
            && BinaryPrimitives.ReadUInt64BigEndian(datagram[InstanceAt..]) == instance
            ? (BinaryPrimitives.ReadUInt32BigEndian(datagram[10..]), (int)Math.Min(BinaryPrimitives.ReadUInt32BigEndian(datagram[14..]), int.MaxValue))
            : null;

    /// <summary>There is no such session here.</summary>
    public static byte[] Unknown(uint session)
    {
        var unknown = new byte[Datagram.HeadBytes];
        new Datagram(DatagramKind.Unknown, 0, session, 0).Write(unknown);
        return unknown;
    }
}
