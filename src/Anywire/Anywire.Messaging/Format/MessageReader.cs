using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using Anywire.Messaging.Sealing;
using Grpc.Core;

namespace Anywire.Messaging.Format;

/// <summary>Reads one message, which somebody else may have made: whatever it says is checked against what it has. One thread at a time.</summary>
internal sealed class MessageReader
{
    // A key and a value have a count each.
    private const int LeastEntryBytes = 5;

    private readonly uint _key;
    private ReadOnlyMemory<byte> _message;
    private int _at;

    /// <summary>Reads the head that all messages have.</summary>
    /// <param name="message">The message; kept until the body was read.</param>
    /// <exception cref="MalformedMessageException">It is too short, or of another version.</exception>
    public MessageReader(ReadOnlyMemory<byte> message)
    {
        _message = message;
        if (Byte() is var version && version != MessageWriter.Version)
        {
            throw new MalformedMessageException($"It is of version {version}; {MessageWriter.Version} is known here.");
        }
        Kind = (MessageKind)Byte();
        _key = UInt32();
        Call = new CallId(UInt64(), UInt64());
        Sender = Name();
        Receiver = Name();
    }

    public MessageKind Kind { get; }

    public CallId Call { get; }

    /// <summary>The service that says it has sent it.</summary>
    public string Sender { get; }

    /// <summary>The service that it is for.</summary>
    public string Receiver { get; }

    /// <summary>Everything behind the head: the body, once the rest was read.</summary>
    public ReadOnlyMemory<byte> Rest => _message[_at..];

    /// <summary>Makes sure that the message comes from whom it says, is for this service, and is as it was sent.</summary>
    /// <param name="self">This service.</param>
    /// <param name="seals">Its seals; null on a plain wire, where nobody proves anything.</param>
    /// <exception cref="RefusedMessageException">It is not.</exception>
    public void Open(string self, Seals? seals)
    {
        if (Receiver != self)
        {
            throw new RefusedMessageException("misdirected", $"It says that it comes from {Sender}, and is for {Receiver}.");
        }
        if (seals is null)
        {
            if (_key != 0)
            {
                throw new MalformedMessageException("It is sealed, and nothing is over a plain wire.");
            }
            return;
        }
        var end = _message.Length - SealKey.Length;
        if (end < _at || seals.Of(Sender, self, _key) is not { } key || !key.Fits(_message.Span[..end], _message.Span[end..]))
        {
            throw new RefusedMessageException("forged", $"It says that it comes from {Sender}, which has not sealed it.");
        }
        _message = _message[..end];
    }

    public byte Byte() => Take(1)[0];

    public uint UInt32() => BinaryPrimitives.ReadUInt32BigEndian(Take(4));

    public ulong UInt64() => BinaryPrimitives.ReadUInt64BigEndian(Take(8));

    public string Name() => String(Take(Byte()));

    public string Text() => String(Take(UInt32()));

    public Metadata Metadata()
    {
        var count = UInt32();
        if (count * (long)LeastEntryBytes > _message.Length - _at)
        {
            throw new MalformedMessageException($"It says that it has {count:N0} entries of metadata and is too short for them.");
        }
        var metadata = new Metadata();
        for (; count > 0; count--)
        {
            var key = Name();
            try
            {
                metadata.Add(key.EndsWith(global::Grpc.Core.Metadata.BinaryHeaderSuffix, StringComparison.Ordinal)
                    ? new Metadata.Entry(key, Take(UInt32()).ToArray())
                    : new Metadata.Entry(key, Text()));
            }
            catch (ArgumentException)
            {
                throw new MalformedMessageException("It has metadata under a key that gRPC does not allow.");
            }
        }
        return metadata;
    }

    /// <summary>Reads the rest as a message of a method.</summary>
    /// <exception cref="MalformedMessageException">It is none.</exception>
    public T Body<T>(Marshaller<T> marshaller) => Body(marshaller, Rest);

    /// <inheritdoc cref="Body{T}(Marshaller{T})"/>
    public static T Body<T>(Marshaller<T> marshaller, ReadOnlyMemory<byte> bytes)
    {
        try
        {
            return marshaller.ContextualDeserializer(new Deserialization(bytes));
        }
        catch (Exception error) when (error is Google.Protobuf.InvalidProtocolBufferException or InvalidOperationException or ArgumentException)
        {
            throw new MalformedMessageException($"Its body is no {typeof(T).Name}.");
        }
    }

    private static string String(ReadOnlySpan<byte> utf8) => Encoding.UTF8.GetString(utf8);

    private ReadOnlySpan<byte> Take(uint count)
    {
        if (count > _message.Length - _at)
        {
            throw new MalformedMessageException($"It ends after {_message.Length:N0} bytes, in the middle.");
        }
        var taken = _message.Span.Slice(_at, (int)count);
        _at += (int)count;
        return taken;
    }

    private sealed class Deserialization(ReadOnlyMemory<byte> payload) : DeserializationContext
    {
        public override int PayloadLength => payload.Length;

        public override byte[] PayloadAsNewBuffer() => payload.ToArray();

        public override ReadOnlySequence<byte> PayloadAsReadOnlySequence() => new(payload);
    }
}
