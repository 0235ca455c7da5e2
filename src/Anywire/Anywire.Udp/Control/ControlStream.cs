using System.Buffers.Binary;
using System.Net.Security;

namespace Anywire.Udp.Control;

/// <summary>Frames over mutual TLS: two bytes that count, one byte of kind, and so many bytes more. One reader at a time; any thread may write.</summary>
internal sealed class ControlStream(SslStream stream) : IAsyncDisposable
{
    /// <summary>What it is called in the handshake (RFC 7301).</summary>
    public static readonly SslApplicationProtocol Protocol = new("anywire-udp/1");

    /// <summary>No frame has more behind its kind.</summary>
    public const int MaxPayload = 512;

    private const int HeadBytes = 3;

    // Who does not read for so long is not there.
    private static readonly TimeSpan WriteTimeout = TimeSpan.FromSeconds(9);

    private readonly SemaphoreSlim _writing = new(1);
    private readonly byte[] _head = new byte[HeadBytes];
    private readonly byte[] _payload = new byte[MaxPayload];

    /// <summary>Waits for a frame; its payload is valid until the next.</summary>
    /// <exception cref="IOException">The connection was lost, or what came is no frame.</exception>
    public async Task<(ControlKind Kind, ReadOnlyMemory<byte> Payload)> ReadAsync(CancellationToken cancellationToken)
    {
        await stream.ReadExactlyAsync(_head, cancellationToken);
        var length = BinaryPrimitives.ReadUInt16BigEndian(_head);
        if (length > MaxPayload)
        {
            throw new IOException($"It announced a frame of {length:N0} bytes; at most {MaxPayload} are allowed.");
        }
        await stream.ReadExactlyAsync(_payload.AsMemory(0, length), cancellationToken);
        return ((ControlKind)_head[2], _payload.AsMemory(0, length));
    }

    /// <exception cref="IOException">The connection was lost.</exception>
    public async Task WriteAsync(ControlKind kind, ReadOnlyMemory<byte> payload, CancellationToken cancellationToken)
    {
        var frame = new byte[HeadBytes + payload.Length];
        BinaryPrimitives.WriteUInt16BigEndian(frame, (ushort)payload.Length);
        frame[2] = (byte)kind;
        payload.CopyTo(frame.AsMemory(HeadBytes));
        await _writing.WaitAsync(cancellationToken);
        try
        {
            using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            timeout.CancelAfter(WriteTimeout);
            await stream.WriteAsync(frame, timeout.Token);
        }
        catch (Exception error) when (error is OperationCanceledException or ObjectDisposedException or InvalidOperationException && !cancellationToken.IsCancellationRequested)
        {
            throw new IOException("The control connection was lost.", error);
        }
        finally
        {
            _writing.Release();
        }
    }

    public ValueTask DisposeAsync() => stream.DisposeAsync();
}
