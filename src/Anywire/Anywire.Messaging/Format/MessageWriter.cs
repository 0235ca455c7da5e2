using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using Anywire.Messaging.Sealing;
using Grpc.Core;

namespace Anywire.Messaging.Format;

/// <summary>Writes one message: its head, then its body to the end. It is a marshaller's target too. One thread at a time.</summary>
internal sealed class MessageWriter : SerializationContext
{
    public const byte Version = 1;

    private readonly ArrayBufferWriter<byte> _buffer = new(512);
    private readonly SealKey? _key;
    private int _bodyAt;

    /// <summary>Begins a message.</summary>
    /// <param name="kind">What it is.</param>
    /// <param name="call">The call that it belongs to.</param>
    /// <param name="sender">The service that sends it.</param>
    /// <param name="receiver">The service that it is for.</param>
    /// <param name="key">What it is sealed with; null when it is not.</param>
    public MessageWriter(MessageKind kind, CallId call, string sender, string receiver, SealKey? key)
    {
        _key = key;
        Byte(Version);
        Byte((byte)kind);
        UInt32(key?.Number ?? 0);
        UInt64(call.Instance);
        UInt64(call.Number);
        Name(sender);
        Name(receiver);
    }

    /// <summary>How many bytes of it are its body.</summary>
    public int BodyLength => _bodyAt == 0 ? 0 : _buffer.WrittenCount - _bodyAt;

    /// <summary>Seals the message; nothing more may be written.</summary>
    /// <returns>The message, valid as long as this is.</returns>
    public ReadOnlyMemory<byte> Finish()
    {
        if (_key is not null)
        {
            var seal = _buffer.GetSpan(SealKey.Length)[..SealKey.Length];
            _key.Seal(_buffer.WrittenSpan, seal);
            _buffer.Advance(SealKey.Length);
        }
        return _buffer.WrittenMemory;
    }

    public MessageWriter Byte(byte value)
    {
        _buffer.GetSpan(1)[0] = value;
        _buffer.Advance(1);
        return this;
    }

    public MessageWriter UInt32(uint value)
    {
        BinaryPrimitives.WriteUInt32BigEndian(_buffer.GetSpan(4), value);
        _buffer.Advance(4);
        return this;
    }

    public MessageWriter UInt64(ulong value)
    {
        BinaryPrimitives.WriteUInt64BigEndian(_buffer.GetSpan(8), value);
        _buffer.Advance(8);
        return this;
    }

    /// <summary>At most 255 bytes of UTF-8 behind a byte that counts them.</summary>
    public MessageWriter Name(string value)
    {
        var length = Encoding.UTF8.GetByteCount(value);
        Byte(checked((byte)length));
        _buffer.Advance(Encoding.UTF8.GetBytes(value, _buffer.GetSpan(length + 1)));
        return this;
    }

    /// <summary>UTF-8 behind four bytes that count it.</summary>
    public MessageWriter Text(string value)
    {
        var length = Encoding.UTF8.GetByteCount(value);
        UInt32((uint)length);
        _buffer.Advance(Encoding.UTF8.GetBytes(value, _buffer.GetSpan(length + 1)));
        return this;
    }

    /// <summary>How many entries, then each: its key, the bytes of its value.</summary>
    public MessageWriter Metadata(Metadata? metadata)
    {
        var count = metadata?.Count ?? 0;
        UInt32((uint)count);
        for (var i = 0; i < count; i++)
        {
            var entry = metadata![i];
            Name(entry.Key);
            if (entry.IsBinary)
            {
                UInt32((uint)entry.ValueBytes.Length);
                _buffer.Write(entry.ValueBytes);
            }
            else
            {
                Text(entry.Value);
            }
        }
        return this;
    }

    /// <summary>The rest of the message is its body, written by a marshaller.</summary>
    public MessageWriter Body<T>(Marshaller<T> marshaller, T message)
    {
        _bodyAt = _buffer.WrittenCount;
        marshaller.ContextualSerializer(message, this);
        return this;
    }

    public override IBufferWriter<byte> GetBufferWriter() => _buffer;

    public override void SetPayloadLength(int payloadLength) => _ = _buffer.GetSpan(Math.Max(payloadLength, 1));

    public override void Complete()
    {
    }

    public override void Complete(byte[] payload) => _buffer.Write(payload);
}
