using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using Grpc.Core;

namespace Anywire.Udp.Format;

/// <summary>Reads the messages of one datagram, which somebody else may have made: whatever it says is checked against what is there. What it gives is valid as long as the
/// datagram is. One thread at a time.</summary>
/// <param name="released">Told when nothing more is read of a message, before code of others runs; null: nobody wants to know.</param>
internal sealed class MessageReader(Action? released = null) : DeserializationContext
{
    private ReadOnlyMemory<byte> _datagram;
    private int _next;
    private int _at;
    private int _end;

    public MessageKind Kind { get; private set; }

    /// <summary>What was not read yet of the message.</summary>
    public int Left => _end - _at;

    public override int PayloadLength => Left;

    /// <summary>Goes to the messages of another datagram.</summary>
    public void Open(ReadOnlyMemory<byte> messages)
    {
        _datagram = messages;
        (_next, _at, _end) = (0, 0, 0);
    }

    /// <summary>Goes to the next message; false when there is none.</summary>
    /// <exception cref="MalformedMessageException">It claims more than is there.</exception>
    public bool MoveNext()
    {
        var left = _datagram.Span[_next..];
        if (left.IsEmpty || left[0] == (byte)MessageKind.Padding)
        {
            return false;
        }
        if (left.Length < MessageWriter.HeadBytes || BinaryPrimitives.ReadUInt16BigEndian(left[1..]) is var length && length > left.Length - MessageWriter.HeadBytes)
        {
            throw new MalformedMessageException($"A message claims more than the {left.Length:N0} bytes that are left of its datagram.");
        }
        Kind = (MessageKind)left[0];
        _at = _next + MessageWriter.HeadBytes;
        _end = _next = _at + length;
        return true;
    }

    /// <summary>Nothing more is read of this message: another thread may go on with the next while what it brings about runs.</summary>
    public void Release() => released?.Invoke();

    public byte Byte() => Take(1)[0];

    public ushort UInt16() => BinaryPrimitives.ReadUInt16BigEndian(Take(2));

    public uint UInt32() => BinaryPrimitives.ReadUInt32BigEndian(Take(4));

    public ulong UInt64() => BinaryPrimitives.ReadUInt64BigEndian(Take(8));

    public string Text() => Encoding.UTF8.GetString(Take(UInt16()));

    public ReadOnlySpan<byte> Take(int count)
    {
        if (count > Left)
        {
            throw new MalformedMessageException("A message ends in the middle of what it says.");
        }
        var taken = _datagram.Span.Slice(_at, count);
        _at += count;
        return taken;
    }

    /// <summary>Reads the rest as a message of a method, whose marshaller may be anybody's and throw what it likes.</summary>
    /// <exception cref="MalformedMessageException">It is none.</exception>
    public T Body<T>(Marshaller<T> marshaller)
    {
        try
        {
            return marshaller.ContextualDeserializer(this);
        }
        catch (Exception error) when (error is not MalformedMessageException)
        {
            throw new MalformedMessageException($"A body is no {typeof(T).Name}.");
        }
    }

    public override byte[] PayloadAsNewBuffer() => _datagram.Span[_at.._end].ToArray();

    public override ReadOnlySequence<byte> PayloadAsReadOnlySequence() => new(_datagram[_at.._end]);
}
