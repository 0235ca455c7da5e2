using System.Net;
using System.Net.Sockets;
using Twite.Lab.Call;

namespace Twite.Lab.Floors;

/// <summary>The server of the bare socket: one blocking thread for each connection, which answers all it has received with one send.</summary>
internal sealed class BareServer : IAsyncDisposable
{
    private const int Batch = 1_024;

    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly CancellationTokenSource _stop = new();
    private readonly Sessions _sessions;
    private readonly Task _accepting;

    public BareServer(Sessions sessions)
    {
        _sessions = sessions;
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen();
        Port = ((IPEndPoint)_listener.LocalEndPoint!).Port;
        _accepting = AcceptAsync();
    }

    /// <summary>Where it listens, on the loopback address.</summary>
    public int Port { get; }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        await _accepting;
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        var serving = new List<Task>();
        try
        {
            while (true)
            {
                var socket = await _listener.AcceptAsync(_stop.Token);
                serving.Add(Task.Factory.StartNew(() => Serve(socket), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default));
            }
        }
        catch (Exception error) when (error is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // It stops.
        }
        await Task.WhenAll(serving);
    }

    private void Serve(Socket socket)
    {
        using var closing = _stop.Token.Register(socket.Dispose);
        using (socket)
        {
            socket.NoDelay = true;
            var requests = new byte[Batch * BareFrames.RequestLength];
            var replies = new byte[Batch * BareFrames.ReplyLength];
            var filled = 0;
            try
            {
                while (true)
                {
                    var received = socket.Receive(requests.AsSpan(filled));
                    if (received == 0)
                    {
                        return;
                    }
                    filled += received;
                    var count = filled / BareFrames.RequestLength;
                    for (var i = 0; i < count; i++)
                    {
                        BareFrames.WriteReply(
                            replies.AsSpan(i * BareFrames.ReplyLength, BareFrames.ReplyLength),
                            requests.AsSpan(i * BareFrames.RequestLength, BareFrames.RequestLength), _sessions);
                    }
                    socket.Send(replies.AsSpan(0, count * BareFrames.ReplyLength));
                    var taken = count * BareFrames.RequestLength;
                    requests.AsSpan(taken, filled - taken).CopyTo(requests);
                    filled -= taken;
                }
            }
            catch (Exception error) when (error is SocketException or ObjectDisposedException)
            {
                // The connection has ended.
            }
        }
    }
}
