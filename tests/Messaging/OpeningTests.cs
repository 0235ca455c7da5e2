using System.Net;
using System.Net.Sockets;
using Anywire.Brokers;
using Grpc.Core;

namespace Anywire.Messaging.Tests;

/// <summary>A broker takes its time over a connection, and whoever calls first has given up before it stands.</summary>
public sealed class OpeningTests(NatsTestServer nats)
{
    private const int Callers = 3;

    [Fact]
    public async Task Over_NATS_there_is_one_connection_however_many_gave_up_waiting_for_it()
    {
        var broker = await nats.BrokerAsync();
        await using var bed = new EchoBed(BrokerUnderTest.Of(broker));
        var echo = await bed.ListenAsync();
        await using var slow = new SlowWay(broker.Port);
        var client = bed.Connect(port: slow.Port);
        for (var caller = 0; caller < Callers; caller++)
        {
            await Wait.FailsAsync(
                StatusCode.DeadlineExceeded, () => client.SayAsync(new Word(), deadline: TimeProvider.System.GetUtcNow().UtcDateTime.AddMilliseconds(100)).ResponseAsync);
        }
        slow.Open();
        Assert.Equal("on", (await client.SayAsync(new Word { Text = "on" }).ResponseAsync.Soon()).Text);
        Assert.Equal(1, slow.Connections);
        Assert.Equal(1, echo.Calls);
    }

    [Fact]
    public async Task Over_NATS_a_connection_that_stands_after_its_client_was_closed_is_closed_too()
    {
        var broker = await nats.BrokerAsync();
        var wire = BrokerUnderTest.Of(broker);
        await using var slow = new SlowWay(broker.Port);
        await using (var bed = new EchoBed(wire))
        {
            await Wait.FailsAsync(
                StatusCode.DeadlineExceeded,
                () => bed.Connect(port: slow.Port).SayAsync(new Word(), deadline: TimeProvider.System.GetUtcNow().UtcDateTime.AddMilliseconds(100)).ResponseAsync);
        }
        slow.Open();
        await Wait.UntilAsync(() => slow.Connections == 1 && slow.Ended == 1, "it is closed");
    }

    /// <summary>A way to a broker that takes connections, and carries nothing until it is opened.</summary>
    private sealed class SlowWay : IAsyncDisposable
    {
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
        private readonly TaskCompletionSource _open = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly CancellationTokenSource _closing = new();
        private readonly int _broker;
        private readonly Task _accepting;
        private int _connections;
        private int _ended;

        public SlowWay(int broker)
        {
            _broker = broker;
            _listener.Start();
            _accepting = AcceptAsync();
        }

        public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

        /// <summary>How many it has taken.</summary>
        public int Connections => Volatile.Read(ref _connections);

        /// <summary>How many of them whoever connected has ended.</summary>
        public int Ended => Volatile.Read(ref _ended);

        public void Open() => _open.TrySetResult();

        public async ValueTask DisposeAsync()
        {
            Open();
            await _closing.CancelAsync();
            await _accepting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            _listener.Dispose();
            _closing.Dispose();
        }

        private async Task AcceptAsync()
        {
            var carried = new List<Task>();
            try
            {
                while (true)
                {
                    carried.Add(CarryAsync(await _listener.AcceptTcpClientAsync(_closing.Token)));
                }
            }
            finally
            {
                await Task.WhenAll(carried).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }

        private async Task CarryAsync(TcpClient caller)
        {
            using var _ = caller;
            Interlocked.Increment(ref _connections);
            await _open.Task;
            using var broker = new TcpClient();
            await broker.ConnectAsync(IPAddress.Loopback, _broker, _closing.Token);
            await Task.WhenAny(CarryAsync(caller, broker), CarryAsync(broker, caller));
            Interlocked.Increment(ref _ended);
        }

        private async Task CarryAsync(TcpClient from, TcpClient to) => await from.GetStream().CopyToAsync(to.GetStream(), _closing.Token);
    }
}
