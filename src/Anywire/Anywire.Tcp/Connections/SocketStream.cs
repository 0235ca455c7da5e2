using System.Buffers;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Anywire.Tcp.Connections;

/// <summary>A connected socket whose writes never wait and whose reads wait on the reading thread for as long as the connection is in use. It lies under
/// TLS, or is written to itself. One reader and one writer at a time.</summary>
internal sealed class SocketStream : Stream
{
    // After so long without a byte the reading thread is given back, and the system's event queue waits instead.
    private static readonly TimeSpan Idle = TimeSpan.FromSeconds(1);

    private readonly Socket _socket;
    private readonly Epoll.Interest? _interest;
    private readonly Spin _spin = new();
    private byte[] _unsent = [];
    private int _unsentStart;
    private int _unsentEnd;
    private long _tookAt;

    /// <param name="socket">New or connected, and never waited for; this disposes it.</param>
    /// <param name="bufferBytes">The size of its buffers.</param>
    public SocketStream(Socket socket, int bufferBytes)
    {
        _socket = socket;
        socket.NoDelay = true;
        socket.SendBufferSize = bufferBytes;
        socket.ReceiveBufferSize = bufferBytes;
        socket.Blocking = false;
        _interest = Epoll.IsSupported ? Epoll.Of(socket) : null;
    }

    /// <summary>Makes one; when that fails the socket is closed, for without descriptors left it holds one.</summary>
    public static SocketStream Over(Socket socket, int bufferBytes)
    {
        try
        {
            return new SocketStream(socket, bufferBytes);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Whether a read may hold its thread while nothing comes: set by the reader when it runs on a thread of its own.</summary>
    public bool MayBlock { get; set; }

    /// <summary>Whether what cannot be read at once waits for <see cref="BeginRead"/>, when it is known what goes on then: set by the reader, who does not go on by the pool.</summary>
    public bool HoldsReads { get; set; }

    /// <summary>Whether the handshake is over: what follows on a read is short then, for the reading thread has the rest.</summary>
    public bool IsGreeted { get; set; }

    /// <summary>Whether the system did not take all that was written: nothing more may be written before <see cref="DrainAsync"/> has ended.</summary>
    public bool HasUnsent => _unsentEnd > _unsentStart;

    /// <summary>What is let go of while a read waits, during a handshake.</summary>
    public HandshakeSlot? Slot { get; set; }

    /// <summary>When the system last took some of what it had not taken at once; 0 when it never did.</summary>
    public long TookAt => Volatile.Read(ref _tookAt);

    /// <summary>The other side's address, for people.</summary>
    public string Peer
    {
        get
        {
            try
            {
                return _socket.RemoteEndPoint?.ToString() ?? "an unknown address";
            }
            catch (Exception error) when (error is SocketException or ObjectDisposedException)
            {
                return "an unknown address";
            }
        }
    }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var isLooking = false;
        for (var looks = 0; ; looks++)
        {
            var count = Receive(buffer.Span, out var error);
            if (error == SocketError.Success)
            {
                if (isLooking)
                {
                    _spin.Succeeded();
                }
                return new ValueTask<int>(count);
            }
            if (error != SocketError.WouldBlock)
            {
                throw Failure(error);
            }
            isLooking = looks == 0 ? MayBlock && _spin.Begin() : isLooking && _spin.GoOn();
            if (isLooking)
            {
                continue;
            }
            if (!MayBlock || !_socket.Poll(Idle, SelectMode.SelectRead))
            {
                // What goes on when something has come is the event thread, which may wait for nobody.
                MayBlock = false;
                return Slot is null ? ReadLaterAsync(buffer, cancellationToken) : ReadWithoutSlotAsync(Slot, buffer, cancellationToken);
            }
        }
    }

    /// <summary>Connects.</summary>
    /// <exception cref="SocketException">It cannot.</exception>
    public async Task ConnectAsync(IPEndPoint address, CancellationToken cancellationToken)
    {
        if (_interest is null)
        {
            await _socket.ConnectAsync(address, cancellationToken);
            return;
        }
        try
        {
            _socket.Connect(address);
        }
        catch (SocketException error) when (error.SocketErrorCode is SocketError.WouldBlock or SocketError.InProgress)
        {
            await _interest.WritableAsync(isShort: false, isHeld: false, cancellationToken);
            if ((int)_socket.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.Error)! is not 0 and var code)
            {
                throw new SocketException(code);
            }
        }
    }

    /// <summary>Waits for the first byte, and leaves it there.</summary>
    public async Task WaitForByteAsync(CancellationToken cancellationToken)
    {
        if (_interest is null)
        {
            await _socket.ReceiveAsync(Memory<byte>.Empty, cancellationToken);
            return;
        }
        await _interest.ReadableAsync(isShort: false, isHeld: false, cancellationToken);
    }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        if (!HasUnsent)
        {
            while (!buffer.IsEmpty)
            {
                var count = _socket.Send(buffer, SocketFlags.None, out var error);
                if (error == SocketError.WouldBlock)
                {
                    break;
                }
                if (error != SocketError.Success)
                {
                    throw Failure(error);
                }
                buffer = buffer[count..];
            }
        }
        if (!buffer.IsEmpty)
        {
            Keep(buffer);
        }
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        Write(buffer.Span);
        await DrainAsync(isHeld: false, cancellationToken);
    }

    /// <summary>Begins a read that was held.</summary>
    public void BeginRead()
    {
        HoldsReads = false;
        _interest?.Begin(toWrite: false);
    }

    /// <summary>Begins to drain, which was held.</summary>
    public void BeginDrain() => _interest?.Begin(toWrite: true);

    /// <summary>Waits until the system has taken everything.</summary>
    /// <param name="isHeld">Whether it begins with <see cref="BeginDrain"/> only.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async ValueTask DrainAsync(bool isHeld, CancellationToken cancellationToken = default)
    {
        while (HasUnsent)
        {
            var sent = await SendAsync(_unsent.AsMemory(_unsentStart, _unsentEnd - _unsentStart), isHeld, cancellationToken);
            isHeld = false;
            _unsentStart += sent;
            Volatile.Write(ref _tookAt, Stopwatch.GetTimestamp());
        }
        if (_unsent.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_unsent);
            (_unsent, _unsentStart, _unsentEnd) = ([], 0, 0);
        }
    }

    /// <summary>Ends both directions: whoever reads is told, on whatever thread. The socket itself goes with <see cref="Stream.Dispose()"/>.</summary>
    public void Shutdown()
    {
        try
        {
            _socket.Shutdown(SocketShutdown.Both);
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            // It is gone already.
        }
    }

    /// <summary>Has the system forget what it has taken and the other side has not, when the socket goes: it would offer it for minutes, and say that this is
    /// the end only after that.</summary>
    public void ForgetUnsent()
    {
        try
        {
            _socket.LingerState = new LingerOption(enable: true, seconds: 0);
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            // It is gone already.
        }
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush()
    {
    }

    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _interest?.Dispose();
            _socket.Dispose();
        }
        base.Dispose(disposing);
    }

    private static IOException Failure(SocketError error)
    {
        var cause = new SocketException((int)error);
        return new IOException(cause.Message, cause);
    }

    /// <summary>Takes what is there; without a buffer it only looks whether there is something, which <c>recv</c> does not say.</summary>
    private int Receive(Span<byte> buffer, out SocketError error) =>
        buffer.IsEmpty ? Look(out error) : _socket.Receive(buffer, SocketFlags.None, out error);

    private int Look(out SocketError error)
    {
        Span<byte> first = stackalloc byte[1];
        _socket.Receive(first, SocketFlags.Peek, out error);
        return 0;
    }

    private async ValueTask<int> ReadLaterAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        if (_interest is null)
        {
            return await _socket.ReceiveAsync(buffer, SocketFlags.None, cancellationToken);
        }
        while (true)
        {
            await _interest.ReadableAsync(IsGreeted, HoldsReads, cancellationToken);
            var count = Receive(buffer.Span, out var error);
            if (error == SocketError.Success)
            {
                return count;
            }
            if (error != SocketError.WouldBlock)
            {
                throw Failure(error);
            }
        }
    }

    private async ValueTask<int> ReadWithoutSlotAsync(HandshakeSlot slot, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        slot.Release();
        var count = await ReadLaterAsync(buffer, cancellationToken);
        await slot.TakeAsync(cancellationToken);
        return count;
    }

    private async ValueTask<int> SendAsync(ReadOnlyMemory<byte> bytes, bool isHeld, CancellationToken cancellationToken)
    {
        if (_interest is null)
        {
            return await _socket.SendAsync(bytes, SocketFlags.None, cancellationToken);
        }
        while (true)
        {
            await _interest.WritableAsync(IsGreeted, isHeld, cancellationToken);
            isHeld = false;
            var count = _socket.Send(bytes.Span, SocketFlags.None, out var error);
            if (error == SocketError.Success)
            {
                return count;
            }
            if (error != SocketError.WouldBlock)
            {
                throw Failure(error);
            }
        }
    }

    private void Keep(ReadOnlySpan<byte> rest)
    {
        if (_unsent.Length - _unsentEnd < rest.Length)
        {
            var larger = ArrayPool<byte>.Shared.Rent(_unsentEnd - _unsentStart + rest.Length);
            _unsent.AsSpan(_unsentStart, _unsentEnd - _unsentStart).CopyTo(larger);
            (_unsentEnd, _unsentStart) = (_unsentEnd - _unsentStart, 0);
            if (_unsent.Length > 0)
            {
                ArrayPool<byte>.Shared.Return(_unsent);
            }
            _unsent = larger;
        }
        rest.CopyTo(_unsent.AsSpan(_unsentEnd));
        _unsentEnd += rest.Length;
    }
}
