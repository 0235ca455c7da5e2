using System.Buffers;
using Anywire.Http.Json;
using Google.Protobuf;
using Grpc.Core;

namespace Anywire.Http;

/// <summary>Writes and reads messages of one type, in either form. Any thread may use it.</summary>
internal sealed class Codec<T>(Marshaller<T> marshaller, JsonCodec json)
    where T : class
{
    // A message that is not protobuf's has no JSON: it goes as its marshaller writes it.
    private readonly JsonMessage? _json = typeof(IMessage).IsAssignableFrom(typeof(T)) && DescriptorOf() is { } descriptor ? json.Of(descriptor) : null;

    /// <summary>How it is shown as JSON; null when it cannot be.</summary>
    public JsonMessage? Json => _json;

    /// <summary>Its serialized size in bytes, as contracts count it; null when only writing it would tell.</summary>
    public static int? SizeOf(T message) => message is IMessage known ? known.CalculateSize() : null;

    public void Write(IBufferWriter<byte> output, T message, bool isProtobuf)
    {
        if (!isProtobuf && _json is not null)
        {
            _json.Write(output, (IMessage)message);
        }
        else if (message is IMessage known)
        {
            known.WriteTo(output);
        }
        else
        {
            marshaller.ContextualSerializer(message, new Serialization(output));
        }
    }

    /// <exception cref="JsonFormatException">It is no JSON, or not of this type.</exception>
    /// <exception cref="InvalidProtocolBufferException">It is no protobuf.</exception>
    public T Read(in ReadOnlySequence<byte> body, bool isProtobuf) => !isProtobuf && _json is not null
        ? (T)_json.Parse(body)
        : marshaller.ContextualDeserializer(new Deserialization(body));

    private static Google.Protobuf.Reflection.MessageDescriptor? DescriptorOf() =>
        (Activator.CreateInstance<T>() as IMessage)?.Descriptor;

    private sealed class Serialization(IBufferWriter<byte> output) : SerializationContext
    {
        public override IBufferWriter<byte> GetBufferWriter() => output;

        public override void SetPayloadLength(int payloadLength)
        {
        }

        public override void Complete()
        {
        }

        public override void Complete(byte[] payload) => output.Write(payload);
    }

    private sealed class Deserialization(ReadOnlySequence<byte> payload) : DeserializationContext
    {
        public override int PayloadLength => (int)payload.Length;

        public override byte[] PayloadAsNewBuffer() => payload.ToArray();

        public override ReadOnlySequence<byte> PayloadAsReadOnlySequence() => payload;
    }
}
