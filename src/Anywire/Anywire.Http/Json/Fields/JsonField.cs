using System.Buffers;
using System.Text;
using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace Anywire.Http.Json;

/// <summary>How one field of one message type is written and read. Any thread may use it.</summary>
internal abstract class JsonField(FieldDescriptor descriptor, int index, JsonCodecOptions options) : IJsonReadable
{
    /// <summary>The field.</summary>
    public FieldDescriptor Descriptor { get; } = descriptor;

    /// <summary>Its place among the fields of its message, by number.</summary>
    public int Index { get; } = index;

    /// <summary>Its oneof's place in the message; -1 without one.</summary>
    public int Oneof { get; } = descriptor.RealContainingOneof?.Index ?? -1;

    /// <summary>Its name in JSON, as UTF-8.</summary>
    public byte[] Name { get; } = Encoding.UTF8.GetBytes(descriptor.JsonName);

    /// <summary>Its name in the .proto file, which is read too.</summary>
    public byte[] OriginalName { get; } = Encoding.UTF8.GetBytes(descriptor.Name);

    /// <summary>Whether JSON's null is a value of its own; elsewhere it means that the field is not set.</summary>
    public virtual bool TakesNull => false;

    /// <summary>Whether its values have a form that fits in a URL.</summary>
    public virtual bool IsText => false;

    /// <summary>The type of its message, when it holds one (not a list or a map).</summary>
    public virtual JsonMessage? Message => null;

    /// <summary>Its name ready for output.</summary>
    protected byte[] EncodedName { get; } = JsonOutput.EncodeName(descriptor.JsonName);

    /// <summary>Writes its value alone; null for a message that is not set. What was written before a failure is in the buffer.</summary>
    /// <exception cref="JsonFormatException">JSON cannot carry it.</exception>
    public void WriteValue(IBufferWriter<byte> buffer, IMessage message)
    {
        var output = new JsonOutput(buffer, options.MaxDepth);
        WriteValue(ref output, message);
        output.Complete();
    }

    /// <summary>Reads UTF-8, its value alone, into it. When it fails, some of it may have been set.</summary>
    /// <exception cref="JsonFormatException">It is no JSON, or no such value; the path begins at the field.</exception>
    public void Merge(in ReadOnlySequence<byte> json, IMessage message) => JsonText.Read(json, options, new Nullable(this), message);

    /// <inheritdoc/>
    public abstract void Read(ref JsonInput input, IMessage message);

    /// <summary>Makes it unset.</summary>
    public void Clear(IMessage message)
    {
        // Of a oneof only the member that is set may be cleared: another one's would go with it.
        if (!Descriptor.HasPresence || Descriptor.Accessor.HasValue(message))
        {
            Descriptor.Accessor.Clear(message);
        }
    }

    /// <summary>Sets it from text, UTF-8; a list grows by one.</summary>
    /// <exception cref="JsonFormatException">It is no such value; without a path.</exception>
    public virtual void SetText(IMessage message, ReadOnlySpan<byte> text) => throw new NotSupportedException();

    /// <summary>Its value as text, of a field that is no list; null when it is not set. Without presence it is always set.</summary>
    public virtual string? Text(IMessage message) => throw new NotSupportedException();

    /// <summary>Adds what JSON would not leave out, as text: one for each element of a list.</summary>
    public virtual void AddTexts(IMessage message, string path, List<KeyValuePair<string, string>> texts) => throw new NotSupportedException();

    /// <summary>Whether JSON would leave it out.</summary>
    public abstract bool IsLeftOut(IMessage message);

    /// <summary>Its message, where <see cref="Message"/>; null when it is not set.</summary>
    public virtual IMessage? GetMessage(IMessage message) => throw new NotSupportedException();

    /// <summary>Its message, where <see cref="Message"/>; made when it is not set.</summary>
    public virtual IMessage GetOrCreateMessage(IMessage message) => throw new NotSupportedException();

    /// <summary>Writes its value alone.</summary>
    protected abstract void WriteValue(ref JsonOutput output, IMessage message);

    /// <summary>A value that stands alone may be null as well.</summary>
    private sealed class Nullable(JsonField field) : IJsonReadable
    {
        public void Read(ref JsonInput input, IMessage message)
        {
            if (input.Kind == System.Text.Json.JsonTokenType.Null && !field.TakesNull)
            {
                field.Clear(message);
                return;
            }
            field.Read(ref input, message);
        }
    }
}

/// <summary><see cref="JsonField"/> of a message type that is known.</summary>
internal abstract class JsonField<TMessage>(FieldDescriptor descriptor, int index, JsonCodecOptions options) : JsonField(descriptor, index, options)
    where TMessage : class, IMessage
{
    /// <summary>Writes name and value, unless it is left out.</summary>
    public abstract void Write(ref JsonOutput output, TMessage message);

    /// <summary>Reads the value that the reader stands on, and leaves the reader on its last token.</summary>
    public abstract void Read(ref JsonInput input, TMessage message);

    public sealed override void Read(ref JsonInput input, IMessage message) => Read(ref input, (TMessage)message);
}
