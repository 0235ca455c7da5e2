using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Anywire.Tcp.Tests.Bed;

/// <summary>A plain socket that sends what it is told, byte by byte, as the README of the format says it: a peer in another language.</summary>
internal sealed class RawPeer(Socket socket) : IDisposable
{
    /// <summary>The hello of a caller with a window of 1 MiB.</summary>
    public const string Hello = "01 00000E 00000000  41 4E 59 57 01 00  00100000  00000000";

    public Socket Socket => socket;

    public static RawPeer Connect(int port)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        socket.Connect(new IPEndPoint(IPAddress.Loopback, port));
        return new RawPeer(socket);
    }

    /// <summary>Bytes from hexadecimal digits; blanks mean nothing.</summary>
    public static byte[] Bytes(string hex) => Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal));

    /// <summary>The frame that gives a method the number 1.</summary>
    public static string Method(string name) => Frame(2, 0, 0, "0001" + Convert.ToHexString(Encoding.ASCII.GetBytes($"/anywire.tcp.tests.Echo/{name}")));

    /// <summary>The frame that calls method 1 with one request and no deadline.</summary>
    public static string Call(uint id, string message) => Frame(3, 0x20, id, "0001 FFFFFFFF 0000" + message);

    public static string Frame(int kind, int flags, uint call, string payload)
    {
        var length = Bytes(payload).Length;
        return string.Create(CultureInfo.InvariantCulture, $"{kind | flags:X2} {length:X6} {call:X8} {payload}");
    }

    public Task SendAsync(params string[] hex) => SendAsync(Bytes(string.Concat(hex)));

    public async Task SendAsync(byte[] bytes) => await socket.SendAsync(bytes).Soon();

    /// <summary>Says hello and hears the server's.</summary>
    public async Task GreetAsync()
    {
        await SendAsync(Hello);
        Assert.Equal(1, (await ReceiveAsync()).Kind);
    }

    /// <summary>The next frame; kind 0 when the connection has ended.</summary>
    public async Task<(int Kind, int Flags, uint Call, byte[] Payload)> ReceiveAsync()
    {
        var header = await ReceiveAsync(8);
        if (header.Length < 8)
        {
            return (0, 0, 0, []);
        }
        var length = (int)(BinaryPrimitives.ReadUInt32BigEndian(header) & 0xFF_FFFF);
        return (header[0] & 0x0F, header[0] & 0xF0, BinaryPrimitives.ReadUInt32BigEndian(header.AsSpan(4)), await ReceiveAsync(length));
    }

    /// <summary>The id of the next call; 0 for an answer to a ping, or when the connection has ended.</summary>
    public async Task<uint> NextCallAsync()
    {
        while (true)
        {
            var (kind, _, call, _) = await ReceiveAsync();
            if (kind is 0 or 11)
            {
                return 0;
            }
            if (kind == 3)
            {
                return call;
            }
        }
    }

    /// <summary>So many bytes, or fewer when the connection has ended.</summary>
    public async Task<byte[]> ReceiveAsync(int count)
    {
        var bytes = new byte[count];
        for (var read = 0; read < count;)
        {
            try
            {
                var more = await socket.ReceiveAsync(bytes.AsMemory(read)).AsTask().Soon();
                if (more == 0)
                {
                    return bytes[..read];
                }
                read += more;
            }
            catch (SocketException)
            {
                return bytes[..read];
            }
        }
        return bytes;
    }

    /// <summary>Waits until the server has closed the connection.</summary>
    public async Task AssertClosedAsync()
    {
        while ((await ReceiveAsync()).Kind != 0)
        {
            // What it says before that.
        }
    }

    public void Dispose() => socket.Dispose();
}
