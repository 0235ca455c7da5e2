using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using Anywire;
using Anywire.Identity;
using Twite.Lab.Call;

namespace Twite.Bench.Sockets.Floor;

/// <summary>The least that a server can do: a blocking thread for each connection, which handles on the spot all it has received and answers with one write.
/// It ends with its process.</summary>
internal sealed class FloorServer : IAsyncDisposable
{
    private const int Batch = 64 * 1024;

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly Sessions _sessions;
    private readonly MutualTls? _tls;

    /// <summary>Listens.</summary>
    /// <param name="sessions">What it answers from.</param>
    /// <param name="credentials">Its certificate; null for no TLS.</param>
    public FloorServer(Sessions sessions, ServiceCredentials? credentials)
    {
        _sessions = sessions;
        _tls = credentials is null ? null : new MutualTls(credentials);
        _listener.Start();
        Start(Accept);
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public ValueTask DisposeAsync()
    {
        _listener.Dispose();
        return ValueTask.CompletedTask;
    }

    private static void Start(Action run) => new Thread(() =>
    {
        try
        {
            run();
        }
        catch (Exception error) when (error is IOException or SocketException or ObjectDisposedException)
        {
            // The connection or the server has ended.
        }
    })
    { IsBackground = true, Name = "floor" }.Start();

    private void Accept()
    {
        while (true)
        {
            var socket = _listener.AcceptSocket();
            Start(() => Serve(socket));
        }
    }

    private void Serve(Socket socket)
    {
        socket.NoDelay = true;
        using var stream = Open(socket);
        var (requests, replies, filled) = (new byte[Batch], new byte[Batch], 0);
        while (stream.Read(requests, filled, requests.Length - filled) is > 0 and var received)
        {
            filled += received;
            var (taken, written) = (0, 0);
            while (FloorFrames.First(requests.AsSpan(taken, filled - taken)) is { Length: > 0 } request)
            {
                written += FloorFrames.WriteReply(replies.AsSpan(written), request, _sessions);
                taken += request.Length;
            }
            stream.Write(replies, 0, written);
            requests.AsSpan(taken, filled - taken).CopyTo(requests);
            filled -= taken;
        }
    }

    private Stream Open(Socket socket)
    {
        var stream = new NetworkStream(socket, ownsSocket: true);
        if (_tls is null)
        {
            return stream;
        }
        var secured = new SslStream(stream);
        secured.AuthenticateAsServer(_tls.Server(static _ => { }, static _ => { }));
        return secured;
    }
}
