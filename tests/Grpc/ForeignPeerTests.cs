using System.Net;
using Grpc.Core;
using Grpc.Net.Client;

namespace Anywire.Grpc.Tests;

/// <summary>The other side need not be ours.</summary>
public sealed class ForeignPeerTests
{
    [Fact]
    public async Task A_client_of_plain_gRPC_can_call()
    {
        await using var server = await EchoServer.StartAsync(null, "grpc://127.0.0.1:0", "here");
        using var channel = GrpcChannel.ForAddress($"http://127.0.0.1:{server.Endpoint.Port}");
        Assert.Equal("here", (await new Echo.EchoClient(channel).SayAsync(new Word())).Text);
    }

    [Fact]
    public async Task A_foreign_clients_request_over_the_limit_is_refused()
    {
        await using var server = await EchoServer.StartAsync(null, "grpc://127.0.0.1:0");
        using var channel = GrpcChannel.ForAddress($"http://127.0.0.1:{server.Endpoint.Port}");
        var tooMuch = new Word { Text = new string('x', MethodContract.DefaultMaxMessageBytes) };
        var error = await Assert.ThrowsAsync<RpcException>(async () => await new Echo.EchoClient(channel).SayAsync(tooMuch));
        Assert.Equal((StatusCode.ResourceExhausted, 0), (error.StatusCode, server.Calls));
    }

    // A client finds a draining server's refusal there, and can go elsewhere at once.
    [Fact]
    public async Task A_refusal_is_all_in_the_headers()
    {
        await using var server = await EchoServer.StartAsync(null, "grpc://127.0.0.1:0");
        using var http = new HttpMessageInvoker(new SocketsHttpHandler());
        using var request = new HttpRequestMessage(HttpMethod.Post, $"http://127.0.0.1:{server.Endpoint.Port}/anywire.grpc.tests.Echo/Whisper")
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ByteArrayContent([0, 0, 0, 0, 0]) { Headers = { { "Content-Type", "application/grpc" } } },
        };
        using var response = await http.SendAsync(request, CancellationToken.None);
        var body = await response.Content.ReadAsByteArrayAsync();
        Assert.True(response.Headers.Contains("grpc-status"), $"{response} {body.Length}");
    }

    [Fact]
    public async Task More_connections_than_the_limit_are_closed_and_the_others_go_on()
    {
        await using var server = await EchoServer.StartAsync(null, "grpc://127.0.0.1:0", "here", new ServerLimits { MaxConnections = 1 });
        await using var inside = EchoServer.Connect(null, [server.Endpoint]);
        await new Echo.EchoClient(inside.Invoker).SayAsync(new Word());
        await using var outside = EchoServer.Connect(null, [server.Endpoint]);
        var error = await Assert.ThrowsAsync<RpcException>(async () => await new Echo.EchoClient(outside.Invoker).SayAsync(new Word()));
        Assert.Equal(StatusCode.Unavailable, error.StatusCode);
        Assert.Equal("here", (await new Echo.EchoClient(inside.Invoker).SayAsync(new Word())).Text);
    }
}
