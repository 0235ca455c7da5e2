using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Threading.Tasks.Sources;
using Anywire;
using Anywire.Identity;
using Twite.Lab.Call;

namespace Twite.Bench.Sockets.Floor;

/// <summary>The least that a client can do: one connection, a blocking reader that completes calls inline, one write for all requests that these completions
/// made. Any thread may call; at most <see cref="Slots"/> calls at once, one more fails.</summary>
internal sealed class FloorClient : IVerifier
{
    private const int Slots = 4_096;
    private const int Batch = 64 * 1024;

    private readonly Lock _gate = new();
    private readonly Sessions _sessions;
    private readonly Stream _stream;
    private readonly Slot[] _slots;
    private readonly int[] _free = [.. Enumerable.Range(0, Slots)];
    private readonly byte[] _requests = new byte[Slots * FloorFrames.RequestLength];
    private int _freeCount = Slots;
    private int _filled;
    private bool _isCompleting;

    /// <summary>Connects.</summary>
    /// <param name="port">Where, on the loopback address.</param>
    /// <param name="sessions">What is asked for.</param>
    /// <param name="credentials">Its certificate; null for no TLS.</param>
    /// <param name="service">Whose certificate the server must have.</param>
    public FloorClient(int port, Sessions sessions, ServiceCredentials? credentials, string service)
    {
        _sessions = sessions;
        _slots = [.. Enumerable.Range(0, Slots).Select(i => new Slot(this, i))];
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        socket.Connect(new IPEndPoint(IPAddress.Loopback, port));
        _stream = new NetworkStream(socket, ownsSocket: true);
        if (credentials is not null)
        {
            var secured = new SslStream(_stream);
            secured.AuthenticateAsClient(new MutualTls(credentials).Client(service, static _ => { }));
            _stream = secured;
        }
        new Thread(Read) { IsBackground = true, Name = "floor" }.Start();
    }

    public async Task CallAsync(ClosedRun run, long first)
    {
        var from = run.Now;
        for (var number = first; run.GoesOn(from); number += run.Callers)
        {
            var reply = await Send(_sessions.TokenOf(number));
            from = run.End(from, IsRight(reply, number));
        }
    }

    public async ValueTask<bool> VerifyAsync(long number) => IsRight(await Send(_sessions.TokenOf(number)), number);

    public ValueTask DisposeAsync() => _stream.DisposeAsync();

    private static bool IsRight(FloorReply reply, long number) =>
        reply.AccountId == Sessions.AccountOf(number) && reply is { ExpiresAt: > 0, NameLength: > 0 };

    private ValueTask<FloorReply> Send(string token)
    {
        lock (_gate)
        {
            if (_freeCount == 0)
            {
                throw new InvalidOperationException($"{Slots} calls are under way already.");
            }
            var id = _free[--_freeCount];
            var task = _slots[id].Begin();
            FloorFrames.WriteRequest(_requests.AsSpan(_filled), id, token);
            _filled += FloorFrames.RequestLength;
            if (!_isCompleting)
            {
                Flush();
            }
            return task;
        }
    }

    private void Read()
    {
        var (replies, filled) = (new byte[Batch], 0);
        try
        {
            while (_stream.Read(replies, filled, replies.Length - filled) is > 0 and var received)
            {
                filled += received;
                var taken = Complete(replies.AsSpan(0, filled));
                replies.AsSpan(taken, filled - taken).CopyTo(replies);
                filled -= taken;
            }
        }
        catch (Exception error) when (error is IOException or ObjectDisposedException)
        {
            // The connection has ended, and with it the benchmark: nobody is told.
        }
    }

    private int Complete(ReadOnlySpan<byte> replies)
    {
        lock (_gate)
        {
            _isCompleting = true;
        }
        var taken = 0;
        while (FloorFrames.First(replies[taken..]) is { Length: > 0 } reply)
        {
            taken += reply.Length;
            _slots[FloorFrames.Id(reply)].End(FloorFrames.ReadReply(reply));
        }
        lock (_gate)
        {
            _isCompleting = false;
            Flush();
        }
        return taken;
    }

    private void Flush()
    {
        if (_filled > 0)
        {
            _stream.Write(_requests, 0, _filled);
            _filled = 0;
        }
    }

    private void Free(int id)
    {
        lock (_gate)
        {
            _free[_freeCount++] = id;
        }
    }

    private sealed class Slot(FloorClient owner, int id) : IValueTaskSource<FloorReply>
    {
        private ManualResetValueTaskSourceCore<FloorReply> _core;

        public ValueTask<FloorReply> Begin()
        {
            _core.Reset();
            return new ValueTask<FloorReply>(this, _core.Version);
        }

        public void End(FloorReply reply) => _core.SetResult(reply);

        public FloorReply GetResult(short token)
        {
            var reply = _core.GetResult(token);
            // Not before its caller has the result: who takes the slot next overwrites it.
            owner.Free(id);
            return reply;
        }

        public ValueTaskSourceStatus GetStatus(short token) => _core.GetStatus(token);

        public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
            _core.OnCompleted(continuation, state, token, flags);
    }
}
