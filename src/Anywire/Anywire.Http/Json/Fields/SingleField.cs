using Anywire.Http.Json.Values;
using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace Anywire.Http.Json.Fields;

/// <summary>One scalar, enum or wrapper.</summary>
internal sealed class SingleField<TMessage, T, TValue>(FieldDescriptor descriptor, int index, JsonCodecOptions options, TValue form)
    : JsonField<TMessage>(descriptor, index, options)
    where TMessage : class, IMessage
    where TValue : struct, IJsonValue<T>
{
    private readonly Func<TMessage, T> _get = Accessors.Getter<TMessage, T>(descriptor);
    private readonly Action<TMessage, T> _set = Accessors.Setter<TMessage, T>(descriptor);
    private readonly Func<TMessage, bool>? _has = Accessors.Has<TMessage>(descriptor);
    private readonly TValue _value = form;

    public override bool TakesNull { get; } = form.TakesNull;

    public override bool IsText => true;

    public override void Write(ref JsonOutput output, TMessage message)
    {
        var value = _get(message);
        if (IsWritten(message, value))
        {
            output.Name(EncodedName);
            _value.Write(ref output, value);
        }
    }

    public override void Read(ref JsonInput input, TMessage message)
    {
        var value = _value.Read(ref input);
        if (!input.TakeUnknown())
        {
            _set(message, value);
        }
    }

    public override void SetText(IMessage message, ReadOnlySpan<byte> text) => _set((TMessage)message, _value.Parse(text));

    public override string? Text(IMessage message)
    {
        var value = _get((TMessage)message);
        return value is null || _has?.Invoke((TMessage)message) == false ? null : _value.Format(value);
    }

    public override void AddTexts(IMessage message, string path, List<KeyValuePair<string, string>> texts)
    {
        var value = _get((TMessage)message);
        if (IsWritten((TMessage)message, value))
        {
            texts.Add(new(path, _value.Format(value)));
        }
    }

    public override bool IsLeftOut(IMessage message) => !IsWritten((TMessage)message, _get((TMessage)message));

    protected override void WriteValue(ref JsonOutput output, IMessage message)
    {
        var value = _get((TMessage)message);
        if (value is null)
        {
            output.Null();
            return;
        }
        _value.Write(ref output, value);
    }

    private bool IsWritten(TMessage message, T value) => _has is null ? !_value.IsDefault(value) : _has(message);
}
