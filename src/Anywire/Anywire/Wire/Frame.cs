using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;

namespace Anywire.Wire;

/// <summary>What a frame says.</summary>
internal enum FrameKind : byte
{
    /// <summary>Caller: the method, the remaining time, metadata. First on a call.</summary>
    Request = 1,

    /// <summary>Either: one serialized message.</summary>
    Message = 2,

    /// <summary>Caller: no more messages.</summary>
    HalfClose = 3,

    /// <summary>Caller: stop.</summary>
    Cancel = 4,

    /// <summary>Handler: response metadata.</summary>
    Headers = 5,

    /// <summary>Handler: status and trailers. Last on a call.</summary>
    Trailers = 6,

    /// <summary>Either: so many bytes of messages were consumed; as many more may be sent.</summary>
    Window = 7,
}

/// <summary>A frame: kind (1 byte), length of the payload (4 bytes, big endian), payload.</summary>
internal readonly record struct Frame(FrameKind Kind, byte[] Payload)
{
    private const int HeaderLength = 5;

    /// <summary>Writes a frame; the caller flushes.</summary>
    public static void Write(PipeWriter output, FrameKind kind, ReadOnlySpan<byte> payload)
    {
        var header = output.GetSpan(HeaderLength);
        header[0] = (byte)kind;
        BinaryPrimitives.WriteInt32BigEndian(header[1..], payload.Length);
        output.Advance(HeaderLength);
        output.Write(payload);
    }

    /// <summary>Reads the next frame; null when the peer has closed or reading was stopped.</summary>
    public static async ValueTask<Frame?> ReadAsync(PipeReader input)
    {
        while (true)
        {
            var result = await input.ReadAsync();
            if (result.IsCanceled)
            {
                return null;
            }
            if (TryParse(result.Buffer, out var frame, out var consumed))
            {
                input.AdvanceTo(consumed);
                return frame;
            }
            input.AdvanceTo(result.Buffer.Start, result.Buffer.End);
            if (result.IsCompleted)
            {
                return null;
            }
        }
    }

    private static bool TryParse(ReadOnlySequence<byte> buffer, out Frame frame, out SequencePosition consumed)
    {
        var reader = new SequenceReader<byte>(buffer);
        if (reader.TryRead(out var kind) && reader.TryReadBigEndian(out int length) && reader.TryReadExact(length, out var payload))
        {
            (frame, consumed) = (new Frame((FrameKind)kind, payload.ToArray()), reader.Position);
            return true;
        }
        (frame, consumed) = (default, buffer.Start);
        return false;
    }
}
