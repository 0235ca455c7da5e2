using System.Buffers;
using Anywire.Tcp.Format;

namespace Anywire.Tcp.Connections;

/// <summary>A message that needs several frames, in an array of the shared pool. The sender's lock guards it.</summary>
/// <param name="kind">The kind of its first frame; the others are <see cref="FrameKind.Message"/>.</param>
/// <param name="flags">The flags of its last frame.</param>
/// <param name="call">The call that it belongs to.</param>
/// <param name="bytes">The payloads of all its frames.</param>
/// <param name="count">How many bytes of the array.</param>
internal sealed class LargeMessage(FrameKind kind, FrameFlags flags, uint call, byte[] bytes, int count)
{
    private readonly TaskCompletionSource<bool> _taken = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _written;

    public uint Call => call;

    /// <summary>How many bytes are left.</summary>
    public int Left => count - _written;

    /// <summary>Completes when all of it is on its way; with false when it was given up.</summary>
    public Task<bool> Taken => _taken.Task;

    /// <summary>Writes its next frame.</summary>
    /// <returns>Whether that was the last.</returns>
    public bool WriteNext(OutputBuffer output)
    {
        var length = Math.Min(Left, FrameHeader.MaxPayload);
        var isLast = length == Left;
        new FrameHeader(_written == 0 ? kind : FrameKind.Message, isLast ? flags : FrameFlags.More, length, call).Write(output.Take(FrameHeader.Size));
        output.Bytes(bytes.AsSpan(_written, length));
        _written += length;
        if (isLast)
        {
            End();
        }
        return isLast;
    }

    /// <summary>Gives up its array; what is left will not be sent.</summary>
    public void End()
    {
        ArrayPool<byte>.Shared.Return(bytes);
        _taken.TrySetResult(Left == 0);
    }
}
