using System.Net;
using System.Net.Sockets;

namespace Anywire.Client;

/// <summary>The IP addresses that a host's name stands for: the same for every wire with sockets. Any thread may use it.</summary>
internal static class HostAddresses
{
    /// <summary>All of an endpoint's host; at least one.</summary>
    /// <exception cref="SocketException">The name is not known.</exception>
    public static async Task<IReadOnlyList<IPEndPoint>> FindAsync(Endpoint endpoint, CancellationToken cancellationToken)
    {
        var found = await Dns.GetHostAddressesAsync(endpoint.Uri.DnsSafeHost, cancellationToken);
        return found.Length == 0
            ? throw new SocketException((int)SocketError.HostNotFound)
            : [.. found.Distinct().Select(a => new IPEndPoint(a, endpoint.Port))];
    }

    /// <summary>Connects to the first that can be: the next is tried when one refuses, and when one stays silent for its part of the time. Many a name stands for an
    /// address of IPv6 too that does not get through.</summary>
    /// <param name="addresses">The addresses; at least one.</param>
    /// <param name="time">What there is for all of them: each has as much of what is left as each after it.</param>
    /// <param name="clock">The clock.</param>
    /// <param name="connect">Connects to one.</param>
    /// <param name="cancellationToken">Gives up; to be cancelled when the time is over.</param>
    /// <exception cref="SocketException">What the last one failed with.</exception>
    public static async Task<T> ConnectAsync<T>(
        IReadOnlyList<IPEndPoint> addresses, TimeSpan time, TimeProvider clock, Func<IPEndPoint, CancellationToken, Task<T>> connect, CancellationToken cancellationToken)
    {
        var began = clock.GetTimestamp();
        for (var i = 0; i < addresses.Count - 1; i++)
        {
            var left = time - clock.GetElapsedTime(began);
            using var patience = new CancellationTokenSource(left > TimeSpan.Zero ? left / (addresses.Count - i) : TimeSpan.Zero, clock);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
            try
            {
                return await connect(addresses[i], either.Token);
            }
            catch (Exception error) when (error is SocketException or OperationCanceledException && !cancellationToken.IsCancellationRequested)
            {
                // The next may be better.
            }
        }
        return await connect(addresses[^1], cancellationToken);
    }
}
