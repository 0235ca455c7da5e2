using Anywire.Tcp.Tests.Bed;
using Google.Protobuf;

namespace Anywire.Tcp.Tests;

/// <summary>Methods that carry large messages have a connection of their own.</summary>
public sealed class BulkTests
{
    private static readonly ByteString Large = ByteString.CopyFrom(new byte[1024 * 1024]);

    private volatile string _peer = "";

    [Fact]
    public async Task The_calls_of_other_methods_do_not_share_it()
    {
        await using var bed = await OpenAsync();
        var usual = await PeerOfCountAsync(bed.Client);
        await UntilApartAsync(bed.Client, usual);
        Assert.Equal(usual, await PeerOfCountAsync(bed.Client));
    }

    [Fact]
    public async Task They_go_over_the_usual_one_where_no_other_can_be_had()
    {
        await using var bed = await OpenAsync(new ServerLimits { MaxConnections = 1 });
        var usual = await PeerOfCountAsync(bed.Client);
        for (var i = 0; i < 20; i++)
        {
            Assert.Equal(usual, await PeerOfLargeAsync(bed.Client));
        }
        Assert.DoesNotContain("out of reach", bed.Log.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task They_go_to_another_server_when_theirs_shuts_down()
    {
        await using var bed = await OpenAsync();
        var (_, other) = await bed.ListenAsync();
        var client = bed.Connect([bed.Endpoint, other]);
        var peers = new HashSet<string>(StringComparer.Ordinal);
        // Two connections to each.
        while (peers.Count < 4)
        {
            peers.Add(await PeerOfCountAsync(client));
            peers.Add(await PeerOfLargeAsync(client));
        }
        // One at each: a server that answers still does not yet say that it shuts down, except to whom it refuses a call.
        using var first = client.Count(cancellationToken: TestContext.Current.CancellationToken);
        using var second = client.Count(cancellationToken: TestContext.Current.CancellationToken);
        await Task.WhenAll(first.RequestStream.WriteAsync(new Line()), second.RequestStream.WriteAsync(new Line()));
        var stopping = bed.Server.StopAsync(TestContext.Current.CancellationToken);
        await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => PeerOfLargeAsync(client)));
        Assert.False(stopping.IsCompleted);
        await Task.WhenAll(first.RequestStream.CompleteAsync(), second.RequestStream.CompleteAsync());
        await stopping.Soon();
        await PeerOfLargeAsync(client);
    }

    private async Task<TcpBed> OpenAsync(ServerLimits? limits = null)
    {
        var bed = await TcpBed.OpenAsync(limits: limits);
        bed.Service.Before = (_, context) =>
        {
            _peer = context.Peer;
            return Task.CompletedTask;
        };
        return bed;
    }

    private async Task<string> PeerOfCountAsync(Echo.EchoClient client)
    {
        using var call = client.Count(cancellationToken: TestContext.Current.CancellationToken);
        await call.RequestStream.CompleteAsync();
        await call.ResponseAsync.Soon();
        return _peer;
    }

    private async Task<string> PeerOfLargeAsync(Echo.EchoClient client)
    {
        await client.SayAsync(new Line { Body = Large }, cancellationToken: TestContext.Current.CancellationToken).ResponseAsync.Soon();
        return _peer;
    }

    // It is made while the calls go on.
    private async Task UntilApartAsync(Echo.EchoClient client, string usual)
    {
        while (await PeerOfLargeAsync(client) == usual)
        {
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
        }
    }
}
