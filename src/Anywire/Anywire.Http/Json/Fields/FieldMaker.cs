using Anywire.Http.Json.Values;
using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace Anywire.Http.Json.Fields;

/// <summary>Makes the fields of a message type.</summary>
internal sealed class FieldMaker<TMessage>(FieldDescriptor field, int index, JsonCodecOptions options, Func<MessageDescriptor, JsonMessage> messages)
    : IValueVisitor<JsonField<TMessage>>
    where TMessage : class, IMessage
{
    private readonly FieldDescriptor _field = field;
    private readonly int _index = index;
    private readonly JsonCodecOptions _options = options;
    private readonly Func<MessageDescriptor, JsonMessage> _messages = messages;

    /// <summary>Makes all of them, by number.</summary>
    public static JsonField<TMessage>[] All(MessageDescriptor type, JsonCodecOptions options, Func<MessageDescriptor, JsonMessage> messages) =>
        [.. type.Fields.InFieldNumberOrder().Select((f, i) => new FieldMaker<TMessage>(f, i, options, messages).Make())];

    public JsonField<TMessage> Visit<T, TValue>(TValue value)
        where TValue : struct, IJsonValue<T> =>
        _field.IsRepeated
            ? new ListField<TMessage, T, TValue>(_field, _index, _options, value)
            : new SingleField<TMessage, T, TValue>(_field, _index, _options, value);

    public JsonField<TMessage> VisitMessage<T>(JsonMessage<T> message)
        where T : class, IMessage =>
        _field.IsRepeated
            ? new ListField<TMessage, T, MessageJsonValue<T>>(_field, _index, _options, new MessageJsonValue<T>(message))
            : new MessageField<TMessage, T>(_field, _index, message);

    private JsonField<TMessage> Make() => _field.IsMap
        ? ValueKinds.Show(_field.MessageType.FindFieldByNumber(1), _messages, new KeyVisitor(this))
        : ValueKinds.Show(_field, _messages, this);

    private sealed class KeyVisitor(FieldMaker<TMessage> maker) : IValueVisitor<JsonField<TMessage>>
    {
        public JsonField<TMessage> Visit<T, TValue>(TValue value)
            where TValue : struct, IJsonValue<T> =>
            ValueKinds.Show(maker._field.MessageType.FindFieldByNumber(2), maker._messages, new MapVisitor<T, TValue>(maker, value));

        public JsonField<TMessage> VisitMessage<T>(JsonMessage<T> message)
            where T : class, IMessage => throw new InvalidOperationException("A message is no key.");
    }

    private sealed class MapVisitor<TKey, TKeyValue>(FieldMaker<TMessage> maker, TKeyValue key) : IValueVisitor<JsonField<TMessage>>
        where TKeyValue : struct, IJsonValue<TKey>
    {
        public JsonField<TMessage> Visit<T, TValue>(TValue value)
            where TValue : struct, IJsonValue<T> =>
            new MapField<TMessage, TKey, TKeyValue, T, TValue>(maker._field, maker._index, maker._options, key, value);

        public JsonField<TMessage> VisitMessage<T>(JsonMessage<T> message)
            where T : class, IMessage => Visit<T, MessageJsonValue<T>>(new MessageJsonValue<T>(message));
    }
}
