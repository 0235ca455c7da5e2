using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Anywire.Udp.Tests;

/// <summary>The control connection: strangers on its port, and peers that are started again.</summary>
public sealed class ControlTests
{
    private static readonly RetryOptions Patient = new() { MaxAttempts = 1_000, BaseDelay = TimeSpan.FromMilliseconds(5), MaxDelay = TimeSpan.FromMilliseconds(20), BudgetReserve = 10_000 };

    [Fact]
    public async Task A_server_that_was_started_again_is_keyed_anew_within_a_second()
    {
        await using var bed = await EchoBed.StartAsync();
        var echo = new Echo.EchoClient(bed.Connect(retry: Patient).Invoker);
        await echo.SayAsync(new Word()).ResponseAsync.Soon();
        for (var i = 0; i < 3; i++)
        {
            await bed.Server.DisposeAsync();
            await bed.ListenAsync();
            var since = Stopwatch.GetTimestamp();
            Assert.Equal(i, (await echo.SayAsync(new Word { Number = i }).ResponseAsync.Soon()).Number);
            // Twice what it may take, for a machine that has other things to do.
            Assert.InRange(Stopwatch.GetElapsedTime(since), TimeSpan.Zero, TimeSpan.FromSeconds(2));
        }
    }

    [Fact]
    public async Task A_server_that_was_away_is_found_again_though_nobody_can_write_of_it()
    {
        await using var bed = await EchoBed.StartAsync();
        await bed.Server.DisposeAsync();
        var log = new FailingLog();
        var echo = new Echo.EchoClient(bed.Connect(retry: Patient, loggers: log).Invoker);
        var call = echo.SayAsync(new Word { Number = 1 }).ResponseAsync;
        await Wait.UntilAsync(() => log.Failures > 0, "it was to be written that the server is away");
        await bed.ListenAsync();
        Assert.Equal(1, (await call.Soon()).Number);
    }

    [Fact]
    public async Task What_was_sealed_for_a_server_before_it_was_started_again_means_nothing_to_it()
    {
        await using var bed = await EchoBed.StartAsync();
        var sent = new ConcurrentQueue<byte[]>();
        await using var relay = new DatagramRelay(bed.Endpoint.Port, sent.Enqueue);
        var echo = new Echo.EchoClient(bed.Connect(relay.Port, retry: Patient).Invoker);
        await echo.NoteAsync(new Word { Number = 1 }).ResponseAsync.Soon();
        byte[][] old = [.. sent];
        await bed.Server.DisposeAsync();
        await bed.ListenAsync();
        await echo.NoteAsync(new Word { Number = 2 }).ResponseAsync.Soon();
        using var stranger = new UdpClient();
        stranger.Connect(IPAddress.Loopback, bed.Endpoint.Port);
        foreach (var datagram in old)
        {
            await stranger.SendAsync(datagram);
        }
        await echo.NoteAsync(new Word { Number = 3 }).ResponseAsync.Soon();
        Assert.Equal([1, 2, 3], bed.Echo.Kept);
        Assert.Equal(0, stranger.Available);
    }

    [Theory, InlineData("passing-by", "echo"), InlineData("Echo", null)]
    public async Task Whoever_proves_several_names_or_writes_one_in_another_case_is_understood(string first, string? second)
    {
        var now = TimeProvider.System.GetUtcNow();
        string[] names = second is null ? [first] : [first, second];
        await using var bed = await EchoBed.StartAsync(proof: authority => authority.With(authority.Issue(names, now.AddHours(-1), now.AddHours(1))));
        Assert.Equal(3, (await bed.Call().SayAsync(new Word { Number = 3 }).ResponseAsync.Soon()).Number);
    }

    [Fact]
    public async Task A_storm_of_connections_that_never_speak_keeps_nobody_out()
    {
        await using var bed = await EchoBed.StartAsync();
        var echo = bed.Call();
        await echo.SayAsync(new Word()).ResponseAsync.Soon();
        var silent = new List<Socket>();
        try
        {
            for (var i = 0; i < 3_000; i++)
            {
                var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
                await socket.ConnectAsync(IPAddress.Loopback, bed.Endpoint.Port);
                silent.Add(socket);
                if (i % 500 == 0)
                {
                    await echo.SayAsync(new Word { Number = i }).ResponseAsync.Soon();
                }
            }
            await bed.Call().SayAsync(new Word()).ResponseAsync.Soon();
            await echo.SayAsync(new Word()).ResponseAsync.Soon();
        }
        finally
        {
            silent.ForEach(s => s.Dispose());
        }
    }

    [Fact]
    public async Task Who_connects_and_closes_or_talks_nonsense_disturbs_nobody()
    {
        await using var bed = await EchoBed.StartAsync();
        var echo = bed.Call();
        await echo.SayAsync(new Word()).ResponseAsync.Soon();
        foreach (var words in new byte[][] { [], [0], [0xFF, 0xFF, 0xFF, 0xFF], "GET / HTTP/1.1\r\n\r\n"u8.ToArray(), new byte[100_000] })
        {
            using var stranger = new TcpClient();
            await stranger.ConnectAsync(IPAddress.Loopback, bed.Endpoint.Port);
            try
            {
                await stranger.GetStream().WriteAsync(words);
            }
            catch (IOException)
            {
                // It was shown the door before it had finished.
            }
            await echo.SayAsync(new Word()).ResponseAsync.Soon();
        }
        Assert.Equal(6, bed.Echo.Calls);
    }
}
