using System.Net;
using System.Net.Sockets;
using Anywire.Udp.Format;
using Anywire.Udp.Sockets;

namespace Anywire.Udp.Client;

/// <summary>Opens sessions on a plain wire: by a datagram that is sent until it is answered.</summary>
internal sealed class PlainConnector(TransportClientOptions options) : IConnector
{
    private static readonly TimeSpan Wait = TimeSpan.FromMilliseconds(50);

    public async Task<ClientSession> ConnectAsync(Endpoint endpoint, CancellationToken cancellationToken)
    {
        Exception? failure = null;
        foreach (var address in await Addresses.FindAsync(endpoint, cancellationToken))
        {
            try
            {
                // The socket blocks: a thread that may.
                return await Task.Factory.StartNew(
                    () => Open(endpoint, address, cancellationToken), cancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default);
            }
            catch (SocketException error)
            {
                failure = error;
            }
        }
        throw new UnreachableException(Unreachable.Why(failure!), failure);
    }

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
