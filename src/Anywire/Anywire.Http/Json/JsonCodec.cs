using System.Collections.Frozen;
using Anywire.Http.Json.Fields;
using Anywire.Http.Json.WellKnown;
using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace Anywire.Http.Json;

/// <summary>Knows how each message type is written and read as JSON. It looks at a type once, when it is first asked for; one codec serves a whole
/// server or client. Any thread may use it.</summary>
internal sealed class JsonCodec(JsonCodecOptions? options = null)
{
    private readonly Lock _lock = new();
    private volatile FrozenDictionary<MessageDescriptor, JsonMessage> _known = FrozenDictionary<MessageDescriptor, JsonMessage>.Empty;

    /// <summary>How JSON is read and written.</summary>
    public JsonCodecOptions Options { get; } = options ?? new JsonCodecOptions();

    /// <summary>The form of a message type. Keep it: looking it up costs more than writing a small message.</summary>
    /// <exception cref="ArgumentException">There is no generated code for the type.</exception>
    public JsonMessage Of(MessageDescriptor type)
    {
        if (_known.TryGetValue(type, out var known))
        {
            return known;
        }
        lock (_lock)
        {
            // Types that hold each other are made together, and shown to others when all of them are complete.
            var made = _known.ToDictionary();
            var message = Make(type, made);
            _known = made.ToFrozenDictionary();
            return message;
        }
    }

    private JsonMessage Make(MessageDescriptor type, Dictionary<MessageDescriptor, JsonMessage> made)
    {
        if (made.TryGetValue(type, out var known))
        {
            return known;
        }
        if (type.ClrType is null)
        {
            throw new ArgumentException($"There is no generated code for {type.FullName}.", nameof(type));
        }
        return WellKnownType(type) is { } special
            ? made[type] = special
            : (JsonMessage)typeof(JsonCodec).GetMethod(nameof(MakeObject), System.Reflection.BindingFlags.NonPublic | System.Reflection.BindingFlags.Instance)!
                .MakeGenericMethod(type.ClrType)
                .Invoke(this, System.Reflection.BindingFlags.DoNotWrapExceptions, null, [type, made], null)!;
    }

    private ObjectMessage<T> MakeObject<T>(MessageDescriptor type, Dictionary<MessageDescriptor, JsonMessage> made)
        where T : class, IMessage
    {
        var message = new ObjectMessage<T>(type, Options);
        made[type] = message;
        message.Link(FieldMaker<T>.All(type, Options, t => Make(t, made)));
        return message;
    }

    private JsonMessage? WellKnownType(MessageDescriptor type) => type.FullName switch
    {
        "google.protobuf.Timestamp" => new TimestampMessage(Options),
        "google.protobuf.Duration" => new DurationMessage(Options),
        "google.protobuf.FieldMask" => new FieldMaskMessage(Options),
        "google.protobuf.Struct" => new StructMessage(Options),
        "google.protobuf.Value" => new ValueMessage(Options),
        "google.protobuf.ListValue" => new ListValueMessage(Options),
        "google.protobuf.Any" => new AnyMessage(Options, Of),
        _ => Wrappers.Message(type, Options),
    };
}
