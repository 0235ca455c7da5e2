using System.Buffers;
using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace Anywire.Http.Json;

/// <summary>How messages of one type are written and read as proto3 JSON (https://protobuf.dev/programming-guides/json/). Made once per type by a
/// <see cref="JsonCodec"/>. Any thread may use it.</summary>
internal abstract class JsonMessage(MessageDescriptor descriptor, JsonCodecOptions options) : IJsonReadable
{
    /// <summary>The type of the messages.</summary>
    public MessageDescriptor Descriptor { get; } = descriptor;

    /// <summary>How JSON is read and written.</summary>
    public JsonCodecOptions Options { get; } = options;

    /// <summary>Its fields by number; none where JSON shows a type by something else than an object of its fields, such as a Timestamp.</summary>
    public virtual IReadOnlyList<JsonField> Fields => [];

    /// <summary>Whether JSON shows it as an object of its fields.</summary>
    public virtual bool IsObject => false;

    /// <summary>Whether JSON's null is a value of its own (only <c>google.protobuf.Value</c>).</summary>
    public virtual bool TakesNull => false;

    /// <summary>Whether it has a form that fits in a URL, as a Timestamp has.</summary>
    public virtual bool IsText => false;

    /// <summary>The field with a name, in lowerCamelCase or as it stands in the .proto file; null when there is none.</summary>
    public JsonField? Field(ReadOnlySpan<char> name)
    {
        foreach (var field in Fields)
        {
            if (name.SequenceEqual(field.Descriptor.JsonName))
            {
                return field;
            }
        }
        foreach (var field in Fields)
        {
            if (name.SequenceEqual(field.Descriptor.Name))
            {
                return field;
            }
        }
        return null;
    }

    /// <summary>Writes a message. What was written before a failure is in the buffer.</summary>
    /// <exception cref="JsonFormatException">JSON cannot carry it, such as a Timestamp beyond the year 9999.</exception>
    public void Write(IBufferWriter<byte> buffer, IMessage message)
    {
        var output = new JsonOutput(buffer, Options.MaxDepth);
        Write(ref output, message);
        output.Complete();
    }

    /// <summary>Reads a message from UTF-8.</summary>
    /// <exception cref="JsonFormatException">It is no JSON, or no such message.</exception>
    public IMessage Parse(in ReadOnlySequence<byte> json)
    {
        var message = NewMessage();
        JsonText.Read(json, Options, this, message);
        return message;
    }

    /// <summary>Reads UTF-8 into a message that may have fields already: what the JSON has replaces them, lists and maps grow, null clears, the rest
    /// stays. When it fails, some fields may have been set.</summary>
    /// <exception cref="JsonFormatException">It is no JSON, or no such message.</exception>
    public void Merge(in ReadOnlySequence<byte> json, IMessage message) => JsonText.Read(json, Options, this, message);

    /// <summary>An empty message.</summary>
    public abstract IMessage NewMessage();

    /// <inheritdoc cref="JsonMessage{T}.Write(ref JsonOutput, T)"/>
    public abstract void Write(ref JsonOutput output, IMessage message);

    /// <inheritdoc cref="JsonMessage{T}.Read(ref JsonInput, T)"/>
    public abstract void Read(ref JsonInput input, IMessage message);

    /// <summary>Writes the fields of an object that has begun, and does not end it.</summary>
    public virtual void WriteFields(ref JsonOutput output, IMessage message) => throw new NotSupportedException();

    /// <summary>Reads the fields of an object whose first token has been read, up to its end, except <c>@type</c>.</summary>
    public virtual void ReadFields(ref JsonInput input, IMessage message) => throw new NotSupportedException();
}

/// <summary><see cref="JsonMessage"/> of a type that is known.</summary>
internal abstract class JsonMessage<T>(MessageDescriptor descriptor, JsonCodecOptions options) : JsonMessage(descriptor, options)
    where T : class, IMessage
{
    private readonly Func<T> _new = Accessors.New<T>();

    /// <summary>An empty message.</summary>
    public T New() => _new();

    /// <summary>Writes the message as a value.</summary>
    public abstract void Write(ref JsonOutput output, T message);

    /// <summary>Reads the value that the reader stands on into a message, and leaves the reader on the value's last token.</summary>
    public abstract void Read(ref JsonInput input, T message);

    /// <summary>The message as text, where <see cref="JsonMessage.IsText"/>.</summary>
    public virtual string Format(T message) => throw new NotSupportedException();

    /// <summary>Reads text, UTF-8, into an empty message, where <see cref="JsonMessage.IsText"/>.</summary>
    public virtual void Parse(ReadOnlySpan<byte> text, T message) => throw new NotSupportedException();

    public sealed override IMessage NewMessage() => New();

    public sealed override void Write(ref JsonOutput output, IMessage message) => Write(ref output, (T)message);

    public sealed override void Read(ref JsonInput input, IMessage message) => Read(ref input, (T)message);
}
