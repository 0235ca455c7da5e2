using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace Anywire.Http.Json.Fields;

/// <summary>One message.</summary>
internal sealed class MessageField<TMessage, T>(FieldDescriptor descriptor, int index, JsonMessage<T> type)
    : JsonField<TMessage>(descriptor, index, type.Options)
    where TMessage : class, IMessage
    where T : class, IMessage
{
    private readonly Func<TMessage, T?> _get = Accessors.Getter<TMessage, T?>(descriptor);
    private readonly Action<TMessage, T> _set = Accessors.Setter<TMessage, T>(descriptor);

    public override bool TakesNull { get; } = type.TakesNull;

    public override bool IsText { get; } = type.IsText;

    public override JsonMessage? Message => type;

    public override void Write(ref JsonOutput output, TMessage message)
    {
        if (_get(message) is { } value)
        {
            output.Name(EncodedName);
            type.Write(ref output, value);
        }
    }

    public override void Read(ref JsonInput input, TMessage message)
    {
        // A variable of the path may have set a part of it.
        var value = _get(message);
        if (value is not null)
        {
            type.Read(ref input, value);
            return;
        }
        value = type.New();
        type.Read(ref input, value);
        _set(message, value);
    }

    public override void SetText(IMessage message, ReadOnlySpan<byte> text)
    {
        var value = type.New();
        type.Parse(text, value);
        _set((TMessage)message, value);
    }

    public override string? Text(IMessage message) => _get((TMessage)message) is { } value ? type.Format(value) : null;

    public override void AddTexts(IMessage message, string path, List<KeyValuePair<string, string>> texts)
    {
        if (_get((TMessage)message) is { } value)
        {
            texts.Add(new(path, type.Format(value)));
        }
    }

    public override bool IsLeftOut(IMessage message) => _get((TMessage)message) is null;

    public override IMessage? GetMessage(IMessage message) => _get((TMessage)message);

    public override IMessage GetOrCreateMessage(IMessage message)
    {
        var value = _get((TMessage)message);
        if (value is null)
        {
            value = type.New();
            _set((TMessage)message, value);
        }
        return value;
    }

    protected override void WriteValue(ref JsonOutput output, IMessage message)
    {
        if (_get((TMessage)message) is not { } value)
        {
            output.Null();
            return;
        }
        type.Write(ref output, value);
    }
}
