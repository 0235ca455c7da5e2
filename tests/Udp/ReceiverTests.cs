using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Anywire.Udp.Format;
using Anywire.Udp.Sockets;
using Microsoft.Extensions.Time.Testing;

namespace Anywire.Udp.Tests;

/// <summary>The thread that receives keeps what it brings about for as long as it has something to do, and nobody waits for that for long.</summary>
public sealed class ReceiverTests
{
    private const string Dry = "dry";
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(20);

    [Fact]
    public async Task What_waits_goes_before_the_next_message_when_one_blocks()
    {
        using var release = new ManualResetEventSlim();
        var told = await ReceiveAsync(TimeProvider.System, message =>
        {
            if (message == 1)
            {
                release.Wait();
            }
            else
            {
                release.Set();
            }
        });
        Assert.Contains(Dry, told);
    }

    [Fact]
    public async Task What_waits_goes_while_many_messages_are_taken_of_which_none_blocks()
    {
        var time = new FakeTimeProvider();
        var told = await ReceiveAsync(time, message =>
        {
            if (message == 1)
            {
                time.Advance(Patience);
            }
        });
        Assert.Equal(["1", Dry, "2"], told);
    }

    /// <summary>Has two messages of one datagram taken.</summary>
    /// <returns>What happened from the first until the second.</returns>
    private static async Task<IReadOnlyList<string>> ReceiveAsync(TimeProvider time, Action<int> taken)
    {
        using var socket = UdpSocket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var sink = new Sink(taken);
        using var receiver = new Receiver(socket, sink, "receiver", time);
        receiver.Start();
        using var caller = new UdpClient();
        await caller.SendAsync(new byte[] { (byte)MessageKind.Event, 0, 0, (byte)MessageKind.Event, 0, 0 }, socket.LocalEndPoint);
        await sink.HasTaken.Soon();
        return [.. sink.Told.SkipWhile(static t => t == Dry).TakeWhile(static t => t != "2"), "2"];
    }

    private sealed class Sink(Action<int> taken) : IDatagramSink
    {
        private readonly TaskCompletionSource _hasTaken = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _messages;

        public ConcurrentQueue<string> Told { get; } = new();

        public Task HasTaken => _hasTaken.Task;

        public bool Open(Memory<byte> datagram, PeerAddress from, MessageReader messages)
        {
            messages.Open(datagram);
            return true;
        }

        public void Take(MessageReader message)
        {
            message.Release();
            var number = ++_messages;
            Told.Enqueue(number.ToString(System.Globalization.CultureInfo.InvariantCulture));
            taken(number);
            if (number == 2)
            {
                _hasTaken.SetResult();
            }
        }

        public void Refuse(MalformedMessageException problem) => throw problem;

        public void Broke(Exception error) => _hasTaken.TrySetException(error);

        public void RanDry() => Told.Enqueue(Dry);

        public void Failed(SocketException error) => throw error;
    }
}
