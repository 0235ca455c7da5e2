using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Anywire.Certificates;
using Anywire.Udp.Format;
using Grpc.Core;

namespace Anywire.Udp.Tests;

/// <summary>What strangers send to the port of datagrams: they are answered with nothing, and honest callers never notice.</summary>
public sealed class AttackTests
{
    [Fact]
    public async Task Nothing_that_is_not_genuine_is_answered_or_acted_upon()
    {
        await using var bed = await EchoBed.StartAsync();
        var sent = new ConcurrentQueue<byte[]>();
        await using var relay = new DatagramRelay(bed.Endpoint.Port, sent.Enqueue);
        var echo = bed.Call(relay.Port);
        await echo.NoteAsync(new Word { Number = 1 }).ResponseAsync.Soon();
        var genuine = sent.First();
        using var stranger = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        stranger.Connect(IPAddress.Loopback, bed.Endpoint.Port);
        var random = new Random(141);
        for (var round = 0; round < 200; round++)
        {
            foreach (var attack in Attacks(genuine, random))
            {
                await stranger.SendAsync(attack);
            }
            await echo.SayAsync(new Word { Number = round }).ResponseAsync.Soon();
        }
        // A whole second session, after which all of that was looked at.
        await bed.Call().SayAsync(new Word()).ResponseAsync.Soon();
        Assert.Equal(0, stranger.Available);
        Assert.Equal([1], bed.Echo.Kept);
        Assert.Equal(201, bed.Echo.Calls);
    }

    private static IEnumerable<byte[]> Attacks(byte[] genuine, Random random)
    {
        yield return [];
        yield return [1];
        yield return genuine;
        yield return genuine[..^1];
        yield return genuine[..Datagram.HeadBytes];
        yield return [.. genuine, 0];
        yield return new byte[60_000];
        var changed = (byte[])genuine.Clone();
        changed[random.Next(changed.Length)] ^= (byte)random.Next(1, 256);
        yield return changed;
        // A newer counter, so that only the seal can tell.
        var forged = (byte[])genuine.Clone();
        forged[6 + random.Next(8)] ^= 0x40;
        yield return forged;
        // As on a plain wire, for the same session.
        var plain = (byte[])forged.Clone();
        plain[0] = (byte)DatagramKind.Plain;
        yield return plain;
        yield return PlainFormat.Hello(7);
        var noise = new byte[random.Next(1, 1_400)];
        random.NextBytes(noise);
        yield return noise;
    }

    [Fact]
    public async Task However_many_probes_are_in_a_datagram_one_report_answers_them()
    {
        await using var bed = await EchoBed.StartAsync(isSealed: false);
        using var caller = new UdpClient();
        caller.Connect(IPAddress.Loopback, bed.Endpoint.Port);
        await caller.SendAsync(PlainFormat.Hello(7));
        var (session, _) = PlainFormat.ReadWelcome((await caller.ReceiveAsync().Soon()).Buffer, 7)!.Value;
        byte[] Of(ulong counter, int probes)
        {
            byte[] datagram = [.. new byte[Datagram.HeadBytes], .. Enumerable.Range(0, probes).SelectMany(static _ => (byte[])[(byte)MessageKind.Probe, 0, 0])];
            new Datagram(DatagramKind.Plain, 0, session, counter).Write(datagram);
            return datagram;
        }
        await caller.SendAsync(Of(0, 400));
        await caller.SendAsync(Of(1, 1));
        var reports = 0;
        for (ulong next = 0; next < 2; reports++)
        {
            next = BinaryPrimitives.ReadUInt64BigEndian((await caller.ReceiveAsync().Soon()).Buffer.AsSpan(Datagram.HeadBytes + 3));
        }
        Assert.Equal(2, reports);
    }

    [Fact]
    public async Task A_caller_without_a_certificate_of_the_cluster_gets_no_session()
    {
        await using var bed = await EchoBed.StartAsync();
        using var foreign = new TestAuthority();
        foreach (var credentials in new[] { bed.Authority.With(foreign.Issue("tester")), bed.Authority.Expired("tester") })
        {
            var client = bed.Connect(credentials: credentials);
            var error = await Wait.FailsAsync(StatusCode.Unavailable, () => new Echo.EchoClient(client.Invoker).SayAsync(new Word()).ResponseAsync);
            Assert.True(NotExecuted.IsMarked(error));
        }
        Assert.Equal(0, bed.Echo.Calls);
    }

    [Fact]
    public async Task A_server_that_is_another_service_is_not_called()
    {
        await using var bed = await EchoBed.StartAsync();
        var client = bed.Connect(service: "accounts");
        var error = await Wait.FailsAsync(StatusCode.Unavailable, () => new Echo.EchoClient(client.Invoker).SayAsync(new Word()).ResponseAsync);
        Assert.Contains("its certificate is that of \"echo\", not of \"accounts\"", error.Status.Detail, StringComparison.Ordinal);
        Assert.Equal(0, bed.Echo.Calls);
    }

    [Fact]
    public async Task On_a_plain_wire_nonsense_disturbs_nobody()
    {
        await using var bed = await EchoBed.StartAsync(isSealed: false);
        var echo = bed.Call();
        await echo.NoteAsync(new Word { Number = 1 }).ResponseAsync.Soon();
        using var stranger = new UdpClient();
        stranger.Connect(IPAddress.Loopback, bed.Endpoint.Port);
        var random = new Random(141);
        for (var round = 0; round < 1_000; round++)
        {
            var noise = new byte[random.Next(0, 1_400)];
            random.NextBytes(noise);
            await stranger.SendAsync(noise);
        }
        await echo.NoteAsync(new Word { Number = 2 }).ResponseAsync.Soon();
        Assert.Equal([1, 2], bed.Echo.Kept);
    }
}
