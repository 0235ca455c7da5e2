using System.Net;
using System.Net.Sockets;
using Anywire.Certificates;
using Anywire.HttpConnections.Client;
using Grpc.Core;

namespace Anywire.Grpc.Tests;

/// <summary>Peers that are there for TCP and for nothing else.</summary>
public sealed class SilentPeerTests : IDisposable
{
    private readonly TestAuthority _cluster = new();

    public void Dispose() => _cluster.Dispose();

    [Fact]
    public async Task A_connection_that_went_silent_is_found_out()
    {
        var quick = new GrpcOptions { KeepAliveDelay = TimeSpan.FromSeconds(1), KeepAliveTimeout = TimeSpan.FromSeconds(1) };
        await using var server = await EchoServer.StartAsync(_cluster.For("echo"));
        await using var relay = new Relay(server.Endpoint.Port);
        await using var client = EchoServer.Connect(_cluster.For("friend"), [Endpoint.Parse($"grpcs://127.0.0.1:{relay.Port}")], grpc: quick);
        var held = new Echo.EchoClient(client.Invoker).HoldAsync(new Word()).ResponseAsync;
        await server.Held.WaitAsync(TimeSpan.FromSeconds(20));

        relay.FallSilent();

        // Its deadline is 30 s away.
        var error = await Assert.ThrowsAsync<RpcException>(() => held.WaitAsync(TimeSpan.FromSeconds(15)));
        Assert.Equal(StatusCode.Unavailable, error.StatusCode);
    }

    [Fact]
    public async Task A_listener_that_never_says_a_word_is_out_of_reach_in_time()
    {
        using var mute = new TcpListener(IPAddress.Loopback, 0);
        mute.Start();
        var endpoint = Endpoint.Parse($"grpcs://127.0.0.1:{((IPEndPoint)mute.LocalEndpoint).Port}");
        await using var client = EchoServer.Connect(
            _cluster.For("friend"), [endpoint], retry: new RetryOptions { MaxAttempts = 1 }, grpc: new GrpcOptions { ConnectTimeout = TimeSpan.FromSeconds(1) });
        var error = await Assert.ThrowsAsync<RpcException>(async () => await new Echo.EchoClient(client.Invoker).SayAsync(new Word()));
        Assert.Equal((StatusCode.Unavailable, true), (error.StatusCode, NotExecuted.IsMarked(error)));
        Assert.Equal($"echo at {endpoint} cannot be reached: no connection could be made in time.", error.Status.Detail);
    }

    [Fact]
    public async Task A_listener_that_goes_as_soon_as_somebody_has_connected_leaves_a_connection_that_still_tells_its_peer()
    {
        // SocketsHttpHandler asks for it, outside of what it tells as a failure to connect.
        using var fleeting = new TcpListener(IPAddress.Loopback, 0);
        fleeting.Start();
        var port = ((IPEndPoint)fleeting.LocalEndpoint).Port;
        await using var connection = await Address.ConnectAsync(Endpoint.Parse($"grpc://127.0.0.1:{port}"), TimeSpan.FromSeconds(20), CancellationToken.None);

        fleeting.Stop();

        Assert.True(connection.Socket.Poll(TimeSpan.FromSeconds(20), SelectMode.SelectRead));
        Assert.Equal(port, ((IPEndPoint)connection.Socket.RemoteEndPoint!).Port);
    }

    /// <summary>Hands bytes on both ways until it falls silent, keeping its connections open.</summary>
    private sealed class Relay : IAsyncDisposable
    {
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
        private readonly List<TcpClient> _sockets = [];
        private readonly int _target;
        private readonly Task _accepting;
        private volatile bool _isSilent;

        public Relay(int target)
        {
            _target = target;
            _listener.Start();
            _accepting = AcceptAsync();
        }

        public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

        public void FallSilent() => _isSilent = true;

        public async ValueTask DisposeAsync()
        {
            _listener.Dispose();
            await _accepting;
            foreach (var socket in _sockets)
            {
                socket.Dispose();
            }
        }

        private async Task AcceptAsync()
        {
            try
            {
                while (true)
                {
                    var near = await _listener.AcceptTcpClientAsync();
                    var far = new TcpClient();
                    _sockets.AddRange([near, far]);
                    await far.ConnectAsync(IPAddress.Loopback, _target);
                    _ = PumpAsync(near.GetStream(), far.GetStream());
                    _ = PumpAsync(far.GetStream(), near.GetStream());
                }
            }
            catch (Exception error) when (error is SocketException or ObjectDisposedException)
            {
                // The test is over.
            }
        }

        private async Task PumpAsync(NetworkStream from, NetworkStream to)
        {
            var buffer = new byte[16 * 1024];
            try
            {
                for (int read; (read = await from.ReadAsync(buffer)) > 0;)
                {
                    if (!_isSilent)
                    {
                        await to.WriteAsync(buffer.AsMemory(0, read));
                    }
                }
            }
            catch (Exception error) when (error is IOException or ObjectDisposedException)
            {
                // The test is over.
            }
        }
    }
}
