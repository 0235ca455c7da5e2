using System.Text.Json;
using Anywire.Http.Json.Values;
using Google.Protobuf;
using Google.Protobuf.Collections;
using Google.Protobuf.Reflection;

namespace Anywire.Http.Json.Fields;

/// <summary>A repeated field: an array.</summary>
internal sealed class ListField<TMessage, T, TValue>(FieldDescriptor descriptor, int index, JsonCodecOptions options, TValue form)
    : JsonField<TMessage>(descriptor, index, options)
    where TMessage : class, IMessage
    where TValue : struct, IJsonValue<T>
{
    private readonly Func<TMessage, RepeatedField<T>> _get = Accessors.Getter<TMessage, RepeatedField<T>>(descriptor);
    private readonly TValue _value = form;
    private readonly bool _takesNull = form.TakesNull;

    public override bool IsText { get; } = form.IsText;

    public override void Write(ref JsonOutput output, TMessage message)
    {
        var list = _get(message);
        if (list.Count > 0)
        {
            output.Name(EncodedName);
            Write(ref output, list);
        }
    }

    public override void Read(ref JsonInput input, TMessage message)
    {
        input.Expect(JsonTokenType.StartArray, "an array");
        var list = _get(message);
        while (true)
        {
            input.Reader.Read();
            switch (input.Kind)
            {
                case JsonTokenType.EndArray:
                    return;
                case JsonTokenType.Null when !_takesNull:
                    throw new JsonFormatException("Null is no element.");
                default:
                    var value = _value.Read(ref input);
                    if (!input.TakeUnknown())
                    {
                        list.Add(value);
                    }
                    break;
            }
        }
    }

    public override void SetText(IMessage message, ReadOnlySpan<byte> text) => _get((TMessage)message).Add(_value.Parse(text));

    public override void AddTexts(IMessage message, string path, List<KeyValuePair<string, string>> texts)
    {
        foreach (var value in _get((TMessage)message))
        {
            texts.Add(new(path, _value.Format(value)));
        }
    }

    public override bool IsLeftOut(IMessage message) => _get((TMessage)message).Count == 0;

    protected override void WriteValue(ref JsonOutput output, IMessage message) => Write(ref output, _get((TMessage)message));

    private void Write(ref JsonOutput output, RepeatedField<T> list)
    {
        output.StartArray();
        for (var i = 0; i < list.Count; i++)
        {
            output.Element();
            _value.Write(ref output, list[i]);
        }
        output.EndArray();
    }
}
