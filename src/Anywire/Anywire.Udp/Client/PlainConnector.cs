using System.Net;
using Anywire.Client;
using Anywire.Udp.Format;
using Anywire.Udp.Sockets;

namespace Anywire.Udp.Client;

/// <summary>Opens sessions on a plain wire: by a datagram that is sent until it is answered.</summary>
internal sealed class PlainConnector(TransportClientOptions options) : IConnector
{
    private static readonly TimeSpan Wait = TimeSpan.FromMilliseconds(50);

    public async Task<ClientSession> ConnectAsync(Endpoint endpoint, TimeSpan time, CancellationToken cancellationToken) => await HostAddresses.ConnectAsync(
        endpoint, time, options.Time,
        // The socket blocks: a thread that may.
        (address, token) => Task.Factory.StartNew(() => Open(endpoint, address, token), token, TaskCreationOptions.LongRunning, TaskScheduler.Default),
        cancellationToken);

    private ClientSession Open(Endpoint endpoint, IPEndPoint address, CancellationToken cancellationToken)
    {
        var socket = UdpSocket.Connect(address);
        try
        {
            var instance = (ulong)Random.Shared.NextInt64(1, long.MaxValue);
            Span<byte> answer = new byte[64 * 1024];
            while (true)
            {
                cancellationToken.ThrowIfCancellationRequested();
                socket.Send(PlainFormat.Hello(instance), null);
                if (!socket.WaitToReceive(Wait))
                {
                    continue;
                }
                var came = socket.Receive(answer, wait: false, out _, out _);
                if (came > 0 && PlainFormat.ReadWelcome(answer[..came], instance) is { } welcome)
                {
                    var session = new ClientSession(welcome.Session, endpoint, socket, null, welcome.Window, options);
                    session.Start();
                    _ = session.Ended.ContinueWith(
                        static (_, s) => ((ClientSession)s!).Release(), session, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
                    return session;
                }
            }
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
