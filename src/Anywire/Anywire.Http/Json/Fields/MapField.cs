using System.Text.Json;
using Anywire.Http.Json.Values;
using Google.Protobuf;
using Google.Protobuf.Collections;
using Google.Protobuf.Reflection;

namespace Anywire.Http.Json.Fields;

/// <summary>A map: an object whose names are the keys as text.</summary>
internal sealed class MapField<TMessage, TKey, TKeyValue, T, TValue>(
    FieldDescriptor descriptor, int index, JsonCodecOptions options, TKeyValue keyForm, TValue form)
    : JsonField<TMessage>(descriptor, index, options)
    where TMessage : class, IMessage
    where TKeyValue : struct, IJsonValue<TKey>
    where TValue : struct, IJsonValue<T>
{
    private readonly Func<TMessage, MapField<TKey, T>> _get = Accessors.Getter<TMessage, MapField<TKey, T>>(descriptor);
    private readonly TKeyValue _key = keyForm;
    private readonly TValue _value = form;
    private readonly bool _takesNull = form.TakesNull;

    public override void Write(ref JsonOutput output, TMessage message)
    {
        var map = _get(message);
        if (map.Count > 0)
        {
            output.Name(EncodedName);
            Write(ref output, map);
        }
    }

    public override void Read(ref JsonInput input, TMessage message)
    {
        input.Expect(JsonTokenType.StartObject, "an object");
        var map = _get(message);
        // Only what this text gives twice is refused, not what the map held before.
        var seen = map.Count == 0 ? null : new HashSet<TKey>();
        while (true)
        {
            input.Reader.Read();
            if (input.Kind == JsonTokenType.EndObject)
            {
                return;
            }
            var key = _key.Parse(input.Text());
            if (seen is null ? map.ContainsKey(key) : !seen.Add(key))
            {
                throw new JsonFormatException("It is given twice.");
            }
            input.Reader.Read();
            if (input.Kind == JsonTokenType.Null && !_takesNull)
            {
                throw new JsonFormatException("Null is no value of a map.");
            }
            var value = _value.Read(ref input);
            if (!input.TakeUnknown())
            {
                map[key] = value;
            }
        }
    }

    public override bool IsLeftOut(IMessage message) => _get((TMessage)message).Count == 0;

    protected override void WriteValue(ref JsonOutput output, IMessage message) => Write(ref output, _get((TMessage)message));

    private void Write(ref JsonOutput output, MapField<TKey, T> map)
    {
        output.StartObject();
        foreach (var (key, value) in map)
        {
            output.Name(_key.Format(key).AsSpan());
            _value.Write(ref output, value);
        }
        output.EndObject();
    }
}
