using System.Buffers.Binary;
using System.IO.Pipelines;

namespace Anywire.Wire;

/// <summary>One side of one call: frames out, frames in, and the credit that bounds what waits at the other side. Several threads may send;
/// one receives.</summary>
internal sealed class WireEnd(PipeReader input, PipeWriter output, int window)
{
    private readonly Lock _lock = new();
    private int _credit = window;
    private TaskCompletionSource? _creditArrived;
    private bool _closed;

    /// <summary>The two ends of a new call.</summary>
    public static (WireEnd Caller, WireEnd Handler) Pair(int window)
    {
        // Credit bounds what is in flight, so the pipes themselves never hold a writer back.
        var options = new PipeOptions(pauseWriterThreshold: 0, useSynchronizationContext: false);
        var requests = new Pipe(options);
        var responses = new Pipe(options);
        return (new WireEnd(responses.Reader, requests.Writer, window), new WireEnd(requests.Reader, responses.Writer, window));
    }

    public ValueTask<Frame?> ReceiveAsync() => Frame.ReadAsync(input);

    /// <summary>Sends a frame; nothing happens when this end has closed.</summary>
    public void Send(FrameKind kind, ReadOnlySpan<byte> payload)
    {
        lock (_lock)
        {
            if (_closed)
            {
                return;
            }
            Frame.Write(output, kind, payload);
            Flush();
        }
    }

    /// <summary>Sends a message once there is credit for it; a message larger than what is left may overdraw it.</summary>
    /// <returns>False when this end has closed.</returns>
    public async Task<bool> SendMessageAsync(byte[] message, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task arrived;
            lock (_lock)
            {
                if (_closed)
                {
                    return false;
                }
                if (_credit > 0)
                {
                    _credit -= CostOf(message);
                    Frame.Write(output, FrameKind.Message, message);
                    Flush();
                    return true;
                }
                _creditArrived ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                arrived = _creditArrived.Task;
            }
            await arrived.WaitAsync(cancellationToken);
        }
    }

    /// <summary>Tells the sender that a message was consumed.</summary>
    public void ReturnCredit(byte[] message)
    {
        Span<byte> payload = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(payload, CostOf(message));
        Send(FrameKind.Window, payload);
    }

    /// <summary>Takes the credit of a <see cref="FrameKind.Window"/> frame.</summary>
    public void AddCredit(byte[] payload)
    {
        lock (_lock)
        {
            _credit += BinaryPrimitives.ReadInt32BigEndian(payload);
            Wake();
        }
    }

    /// <summary>Closes the outgoing side; the peer sees the end of the frames.</summary>
    public void Close()
    {
        lock (_lock)
        {
            if (!_closed)
            {
                _closed = true;
                output.Complete();
                Wake();
            }
        }
    }

    /// <summary>Ends the incoming side: a receive under way gives null.</summary>
    public void StopReceiving() => input.CancelPendingRead();

    // Small messages cost a little more than their bytes, so that a flood of empty ones is bounded too.
    private static int CostOf(byte[] message) => message.Length + 64;

    private void Flush()
    {
        // Without a pause threshold a flush completes at once.
        _ = output.FlushAsync().AsTask();
    }

    private void Wake()
    {
        _creditArrived?.TrySetResult();
        _creditArrived = null;
    }
}
