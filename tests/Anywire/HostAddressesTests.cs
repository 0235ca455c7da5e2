using System.Net;
using System.Net.Sockets;
using Anywire.Client;

namespace Anywire.Tests;

/// <summary>Several IP addresses behind one name.</summary>
public sealed class HostAddressesTests
{
    private static readonly IPEndPoint First = new(IPAddress.IPv6Loopback, 1);
    private static readonly IPEndPoint Second = new(IPAddress.Loopback, 1);
    private static readonly TimeSpan Long = TimeSpan.FromHours(1);

    private readonly List<IPEndPoint> _tried = [];

    [Fact]
    public async Task The_first_is_taken_when_it_answers()
    {
        Assert.Equal(First, await ConnectAsync(Long, (address, _) => Task.FromResult(address)));
        Assert.Equal([First], _tried);
    }

    [Fact]
    public async Task One_that_refuses_gives_way_at_once() =>
        Assert.Equal(Second, await ConnectAsync(Long, (address, _) => address.Equals(First) ? throw new SocketException((int)SocketError.ConnectionRefused) : Task.FromResult(address)));

    [Fact]
    public async Task One_that_is_silent_gives_way_after_its_part_of_the_time() =>
        Assert.Equal(Second, await ConnectAsync(TimeSpan.FromMilliseconds(100), (address, token) => address.Equals(First) ? Silent(token) : Task.FromResult(address)));

    [Fact]
    public async Task The_last_has_all_that_is_left_and_its_failure_is_told()
    {
        var error = await Assert.ThrowsAsync<SocketException>(() => ConnectAsync(TimeSpan.Zero, (address, token) => address.Equals(First)
            ? Silent(token)
            : throw new SocketException((int)SocketError.HostUnreachable)));
        Assert.Equal(SocketError.HostUnreachable, error.SocketErrorCode);
        Assert.Equal([First, Second], _tried);
    }

    [Theory]
    [InlineData(null, SocketError.TimedOut)]
    [InlineData(SocketError.ConnectionReset, SocketError.ConnectionReset)]
    // A machine without IPv6.
    [InlineData(SocketError.AddressNotAvailable, SocketError.ConnectionRefused)]
    public async Task When_the_last_refuses_it_is_told_that_another_was_silent_or_hung_up(SocketError? first, SocketError told)
    {
        var error = await Assert.ThrowsAsync<SocketException>(() => ConnectAsync(TimeSpan.FromMilliseconds(100), (address, token) => (address.Equals(First), first) switch
        {
            (true, null) => Silent(token),
            (true, { } code) => throw new SocketException((int)code),
            _ => throw new SocketException((int)SocketError.ConnectionRefused),
        }));
        Assert.Equal(told, error.SocketErrorCode);
    }

    [Fact]
    public async Task Time_without_end_is_time_for_the_first() =>
        Assert.Equal(First, await ConnectAsync(Timeout.InfiniteTimeSpan, (address, token) =>
        {
            token.ThrowIfCancellationRequested();
            return Task.FromResult(address);
        }));

    [Fact]
    public async Task Who_gives_up_does_not_try_the_next()
    {
        using var givesUp = new CancellationTokenSource();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => ConnectAsync(
            Long,
            (_, token) =>
            {
                givesUp.Cancel();
                return Silent(token);
            },
            givesUp.Token));
        Assert.Equal([First], _tried);
    }

    private static async Task<IPEndPoint> Silent(CancellationToken cancellationToken)
    {
        await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
        return First;
    }

    private Task<IPEndPoint> ConnectAsync(TimeSpan time, Func<IPEndPoint, CancellationToken, Task<IPEndPoint>> connect, CancellationToken cancellationToken = default) =>
        HostAddresses.ConnectAsync(
            [First, Second], TimeProvider.System.GetTimestamp(), time, TimeProvider.System,
            async (address, token) =>
            {
                _tried.Add(address);
                return await connect(address, token);
            },
            cancellationToken);
}
