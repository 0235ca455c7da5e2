using System.Buffers;
using Anywire.Tcp.Format;
using Grpc.Core;

namespace Anywire.Tcp.Connections;

/// <summary>What stands before a message in its frame, and the message: a marshaller's target. One thread at a time; <see cref="MessageBuffers"/> has them.</summary>
internal sealed class MessageBuffer : SerializationContext
{
    private const int Usual = 1024;

    private int _headLength;

    /// <summary>Where what stands before the message is written.</summary>
    public OutputBuffer Head { get; } = new(Usual);

    /// <summary>How many bytes there are.</summary>
    public int Count => Head.Count;

    /// <summary>How many of them are the message's.</summary>
    public int MessageLength => Head.Count - _headLength;

    /// <summary>All bytes.</summary>
    public ReadOnlySpan<byte> Written => Head.Written;

    /// <summary>Writes the message; the head must be there.</summary>
    public void Serialize<T>(Marshaller<T> marshaller, T message)
    {
        _headLength = Head.Count;
        marshaller.ContextualSerializer(message, this);
    }

    /// <summary>Gives its array away, to be returned to the shared pool.</summary>
    public byte[] Detach() => Head.Detach(Usual);

    /// <summary>Forgets everything.</summary>
    public void Clear()
    {
        _headLength = 0;
        Head.Clear(FrameHeader.MaxPayload);
    }

    public override void SetPayloadLength(int payloadLength)
    {
        // The buffer grows at once to what the marshaller is about to ask for.
        Head.GetSpan(payloadLength);
    }

    public override IBufferWriter<byte> GetBufferWriter() => Head;

    public override void Complete()
    {
    }

    public override void Complete(byte[] payload) => Head.Bytes(payload);
}

/// <summary>Message buffers that are not in use. Any thread may use it.</summary>
internal sealed class MessageBuffers
{
    // Two: a caller and a handler, or two callers, on two cores; who finds none makes one.
    private MessageBuffer? _first;
    private MessageBuffer? _second;

    /// <summary>Takes an empty one.</summary>
    public MessageBuffer Take() => Interlocked.Exchange(ref _first, null) ?? Interlocked.Exchange(ref _second, null) ?? new MessageBuffer();

    /// <summary>Gives one back; its user keeps nothing of it.</summary>
    public void Return(MessageBuffer buffer)
    {
        buffer.Clear();
        if (Interlocked.CompareExchange(ref _first, buffer, null) is not null && Interlocked.CompareExchange(ref _second, buffer, null) is not null)
        {
            buffer.Head.Dispose();
        }
    }
}
