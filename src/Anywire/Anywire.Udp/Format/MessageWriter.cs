using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using Grpc.Core;

namespace Anywire.Udp.Format;

/// <summary>Writes one message into a buffer of its own, which is used again for the next. It is a marshaller's target too. One thread at a time.</summary>
internal sealed class MessageWriter : SerializationContext, IBufferWriter<byte>
{
    public const int HeadBytes = 3;

    private byte[] _buffer = new byte[2 * Datagram.MaxBytes];
    private int _length;
    private int _bodyAt;

    /// <summary>The message, valid until the next is begun.</summary>
    public ReadOnlySpan<byte> Written => _buffer.AsSpan(0, _length);

    public int Length => _length;

    /// <summary>How many bytes of it a marshaller wrote.</summary>
    public int BodyLength => _bodyAt == 0 ? 0 : _length - _bodyAt;

    /// <summary>Whether a datagram has room for it.</summary>
    public bool Fits => _length <= Datagram.MessageBytes;

    public MessageWriter Begin(MessageKind kind)
    {
        // A huge message has been refused before it went anywhere; its buffer is not kept.
        if (_buffer.Length > 64 * 1024)
        {
            _buffer = new byte[2 * Datagram.MaxBytes];
        }
        _buffer[0] = (byte)kind;
        _length = HeadBytes;
        _bodyAt = 0;
        return this;
    }

    /// <summary>Ends the message: its head says how long it is.</summary>
    public ReadOnlySpan<byte> Finish()
    {
        BinaryPrimitives.WriteUInt16BigEndian(_buffer.AsSpan(1), checked((ushort)(_length - HeadBytes)));
        return Written;
    }

    /// <summary>Takes back what was written after some point.</summary>
    public void Truncate(int length) => (_length, _bodyAt) = (length, 0);

    public MessageWriter Byte(byte value)
    {
        Reserve(1)[0] = value;
        _length++;
        return this;
    }

    public MessageWriter UInt16(int value)
    {
        BinaryPrimitives.WriteUInt16BigEndian(Reserve(2), checked((ushort)value));
        _length += 2;
        return this;
    }

    public MessageWriter UInt32(uint value)
    {
        BinaryPrimitives.WriteUInt32BigEndian(Reserve(4), value);
        _length += 4;
        return this;
    }

    public MessageWriter UInt64(ulong value)
    {
        BinaryPrimitives.WriteUInt64BigEndian(Reserve(8), value);
        _length += 8;
        return this;
    }

    public MessageWriter Bytes(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(Reserve(bytes.Length));
        _length += bytes.Length;
        return this;
    }

    /// <summary>UTF-8 behind two bytes that count it.</summary>
    public MessageWriter Text(string value)
    {
        var length = Encoding.UTF8.GetByteCount(value);
        UInt16(Math.Min(length, ushort.MaxValue));
        Encoding.UTF8.GetBytes(value, Reserve(length));
        _length += Math.Min(length, ushort.MaxValue);
        return this;
    }

    /// <summary>The rest of the message is its body, written by a marshaller.</summary>
    public MessageWriter Body<T>(Marshaller<T> marshaller, T message)
    {
        _bodyAt = _length;
        marshaller.ContextualSerializer(message, this);
        return this;
    }

    public override IBufferWriter<byte> GetBufferWriter() => this;

    public override void SetPayloadLength(int payloadLength) => Reserve(payloadLength);

    public override void Complete()
    {
    }

    public override void Complete(byte[] payload) => Bytes(payload);

    public void Advance(int count) => _length += count;

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Reserve(Math.Max(sizeHint, 1));
        return _buffer.AsMemory(_length);
    }

    public Span<byte> GetSpan(int sizeHint = 0) => Reserve(Math.Max(sizeHint, 1));

    private Span<byte> Reserve(int count)
    {
        if (count > _buffer.Length - _length)
        {
            Array.Resize(ref _buffer, Math.Max(2 * _buffer.Length, _length + count));
        }
        return _buffer.AsSpan(_length);
    }
}
