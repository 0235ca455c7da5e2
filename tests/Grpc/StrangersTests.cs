using System.Net;
using System.Net.Sockets;
using Anywire.Certificates;
using Grpc.Core;

namespace Anywire.Grpc.Tests;

/// <summary>Connections that prove no name, and the limit of those that do.</summary>
public sealed class StrangersTests : IDisposable
{
    private static readonly ServerLimits Few = new() { MaxConnections = 2 };
    private static readonly RetryOptions Once = new() { MaxAttempts = 1 };

    private readonly TestAuthority _cluster = new();

    public void Dispose() => _cluster.Dispose();

    [Theory]
    [InlineData(50, 4_096)]
    [InlineData(50, 4)]
    public async Task Those_who_say_nothing_keep_nobody_out(int strangers, int maxNewConnections)
    {
        await using var server = await EchoServer.StartAsync(_cluster.For("echo"), limits: Few, grpc: new GrpcOptions { MaxNewConnections = maxNewConnections });
        var silent = new List<TcpClient>();
        try
        {
            for (var i = 0; i < strangers; i++)
            {
                var socket = new TcpClient();
                silent.Add(socket);
                await ConnectAsync(socket, server.Endpoint.Port);
            }
            await using var client = EchoServer.Connect(_cluster.For("friend"), [server.Endpoint], retry: Once);
            // Less than what a handshake may take: they are all still there, save those who gave way.
            await new Echo.EchoClient(client.Invoker).SayAsync(new Word()).ResponseAsync.WaitAsync(TimeSpan.FromSeconds(4), TestContext.Current.CancellationToken);
        }
        finally
        {
            silent.ForEach(static s => s.Dispose());
        }
    }

    // It may have given way to those of its row before it hears that it was let in.
    private static async Task ConnectAsync(TcpClient socket, int port)
    {
        try
        {
            await socket.ConnectAsync(IPAddress.Loopback, port, TestContext.Current.CancellationToken);
        }
        catch (SocketException reset) when (reset.SocketErrorCode == SocketError.ConnectionReset)
        {
            // It has.
        }
    }

    [Fact]
    public async Task The_oldest_of_those_who_say_nothing_gives_way()
    {
        await using var server = await EchoServer.StartAsync(_cluster.For("echo"), limits: Few, grpc: new GrpcOptions { MaxNewConnections = 1 });
        using var oldest = new TcpClient();
        await oldest.ConnectAsync(IPAddress.Loopback, server.Endpoint.Port, TestContext.Current.CancellationToken);
        using var next = new TcpClient();
        await next.ConnectAsync(IPAddress.Loopback, server.Endpoint.Port, TestContext.Current.CancellationToken);

        // Closed, whether or not it is told so by a reset.
        Assert.True(oldest.Client.Poll(TimeSpan.FromSeconds(4), SelectMode.SelectRead));
        Assert.False(next.Client.Poll(TimeSpan.Zero, SelectMode.SelectRead));
    }

    [Fact]
    public async Task Those_who_prove_a_name_are_let_in_up_to_the_limit()
    {
        await using var server = await EchoServer.StartAsync(_cluster.For("echo"), limits: Few);
        await using var first = EchoServer.Connect(_cluster.For("friend"), [server.Endpoint], retry: Once);
        await using var last = EchoServer.Connect(_cluster.For("friend"), [server.Endpoint], retry: Once);
        await new Echo.EchoClient(first.Invoker).SayAsync(new Word());
        await new Echo.EchoClient(last.Invoker).SayAsync(new Word());
        await using var excess = EchoServer.Connect(_cluster.For("friend"), [server.Endpoint], retry: Once);

        var error = await Assert.ThrowsAsync<RpcException>(async () => await new Echo.EchoClient(excess.Invoker).SayAsync(new Word()));

        Assert.Equal((StatusCode.Unavailable, true), (error.StatusCode, NotExecuted.IsMarked(error)));
        Assert.Equal(2, server.Calls);
    }

    [Fact]
    public async Task Who_leaves_makes_room()
    {
        await using var server = await EchoServer.StartAsync(_cluster.For("echo"), limits: Few);
        for (var i = 0; i < 2 * Few.MaxConnections; i++)
        {
            await using var client = EchoServer.Connect(_cluster.For("friend"), [server.Endpoint]);
            await new Echo.EchoClient(client.Invoker).SayAsync(new Word()).ResponseAsync.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
        }
    }
}
