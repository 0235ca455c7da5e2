using System.Net;
using System.Net.Sockets;

namespace Anywire.Client;

/// <summary>The IP addresses that a host's name stands for: the same for every wire with sockets. Any thread may use it.</summary>
internal static class HostAddresses
{
    /// <summary>Connects to the first that can be: the next is tried when one refuses, and when one stays silent for its part of the time. Many a name stands for an
    /// address of IPv6 too that does not get through.</summary>
    /// <param name="endpoint">Whose host and port.</param>
    /// <param name="time">What there is for finding them and for all of them, or <see cref="Timeout.InfiniteTimeSpan"/>: each has as much of what is left as each after it.</param>
    /// <param name="clock">The clock.</param>
    /// <param name="connect">Connects to one.</param>
    /// <param name="cancellationToken">Gives up; to be cancelled when the time is over.</param>
    /// <exception cref="SocketException">The name is not known, or what the last address failed with; when that only refuses, that another was silent or hung up.</exception>
    /// <exception cref="OperationCanceledException">Given up.</exception>
    public static async Task<T> ConnectAsync<T>(
        Endpoint endpoint, TimeSpan time, TimeProvider clock, Func<IPEndPoint, CancellationToken, Task<T>> connect, CancellationToken cancellationToken)
    {
        var began = clock.GetTimestamp();
        var found = await Dns.GetHostAddressesAsync(endpoint.Uri.DnsSafeHost, cancellationToken);
        return found.Length == 0
            ? throw new SocketException((int)SocketError.HostNotFound)
            : await ConnectAsync([.. found.Distinct().Select(a => new IPEndPoint(a, endpoint.Port))], began, time, clock, connect, cancellationToken);
    }

    /// <summary>As the other, once the addresses are known.</summary>
    /// <param name="addresses">The addresses; at least one.</param>
    /// <param name="began">When the time began.</param>
    /// <param name="time">What there is.</param>
    /// <param name="clock">The clock.</param>
    /// <param name="connect">Connects to one.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<T> ConnectAsync<T>(
        IReadOnlyList<IPEndPoint> addresses, long began, TimeSpan time, TimeProvider clock, Func<IPEndPoint, CancellationToken, Task<T>> connect, CancellationToken cancellationToken)
    {
        SocketException? failure = null;
        for (var i = 0; i < addresses.Count - 1; i++)
        {
            using var patience = new CancellationTokenSource(Part(time, clock.GetElapsedTime(began), addresses.Count - i), clock);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
            try
            {
                return await connect(addresses[i], either.Token);
            }
            catch (OperationCanceledException)
            {
                // Whose token it is says who gave up.
                cancellationToken.ThrowIfCancellationRequested();
                failure ??= new SocketException((int)SocketError.TimedOut);
            }
            catch (SocketException error)
            {
                failure ??= error.SocketErrorCode is SocketError.TimedOut or SocketError.ConnectionReset or SocketError.NotConnected ? error : null;
            }
        }
        try
        {
            return await connect(addresses[^1], cancellationToken);
        }
        catch (SocketException error) when (error.SocketErrorCode == SocketError.ConnectionRefused && failure is not null)
        {
            // There nobody was expected: what is to be told is that another was silent or hung up.
            throw failure;
        }
    }

    /// <summary>Connects a socket to one of them.</summary>
    /// <returns>The socket, which tells its peer also when that has gone.</returns>
    /// <exception cref="SocketException">Nobody is there, or not any more.</exception>
    public static async Task<Socket> DialAsync(IPEndPoint address, CancellationToken cancellationToken)
    {
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(address, cancellationToken);
            // .NET's HTTP client asks this of what it is given, and would throw at the caller what it does not take for a failure to connect when the
            // other side has gone by then. A socket asks the system once only.
            _ = socket.RemoteEndPoint;
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static TimeSpan Part(TimeSpan time, TimeSpan elapsed, int addresses) =>
        time == Timeout.InfiniteTimeSpan ? time : elapsed < time ? (time - elapsed) / addresses : TimeSpan.Zero;
}
