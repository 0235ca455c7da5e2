using System.Net;
using System.Net.Sockets;
using System.Threading.RateLimiting;

namespace Twite.Web.Sessions;

/// <summary>How many accounts one address may make. Only those that were made count, so that a name that is taken costs nothing. Any thread
/// may use it.</summary>
internal sealed class SignUpThrottle(WebOptions options) : IDisposable
{
    private readonly PartitionedRateLimiter<IPAddress> _byAddress = PartitionedRateLimiter.Create<IPAddress, IPAddress>(address =>
        RateLimitPartition.GetFixedWindowLimiter(NetworkOf(address), _ => new FixedWindowRateLimiterOptions
        {
            PermitLimit = options.MaxSignUps,
            Window = options.SignUpWindow,
            QueueLimit = 0,
        }));

    /// <summary>Whether an address may make one more now.</summary>
    public bool Allows(IPAddress address)
    {
        using var lease = _byAddress.AttemptAcquire(address, permitCount: 0);
        return lease.IsAcquired;
    }

    /// <summary>One was made.</summary>
    public void Count(IPAddress address) => _byAddress.AttemptAcquire(address).Dispose();

    /// <inheritdoc/>
    public void Dispose() => _byAddress.Dispose();

    // Whoever has one IPv6 address has the whole /64.
    private static IPAddress NetworkOf(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
        {
            return address.MapToIPv4();
        }
        if (address.AddressFamily != AddressFamily.InterNetworkV6)
        {
            return address;
        }
        var bytes = address.GetAddressBytes();
        bytes.AsSpan(8).Clear();
        return new IPAddress(bytes);
    }
}
