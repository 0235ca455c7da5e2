using Anywire.Http.Json.Values;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;

namespace Anywire.Http.Json.WellKnown;

/// <summary>Wrappers that stand by themselves, as a whole text or in an Any; as fields generated code shows their values.</summary>
internal static class Wrappers
{
    /// <summary>The form of a wrapper; null for any other type.</summary>
    public static JsonMessage? Message(MessageDescriptor type, JsonCodecOptions options) => type.FullName switch
    {
        "google.protobuf.BoolValue" => Make<BoolValue, bool, BooleanJsonValue>(type, options),
        "google.protobuf.StringValue" => Make<StringValue, string, StringJsonValue>(type, options),
        "google.protobuf.BytesValue" => Make<BytesValue, ByteString, BytesJsonValue>(type, options),
        "google.protobuf.DoubleValue" => Make<DoubleValue, double, DoubleJsonValue>(type, options),
        "google.protobuf.FloatValue" => Make<FloatValue, float, SingleJsonValue>(type, options),
        "google.protobuf.Int32Value" => Make<Int32Value, int, Int32JsonValue>(type, options),
        "google.protobuf.UInt32Value" => Make<UInt32Value, uint, UInt32JsonValue>(type, options),
        "google.protobuf.Int64Value" => Make<Int64Value, long, Int64JsonValue>(type, options),
        "google.protobuf.UInt64Value" => Make<UInt64Value, ulong, UInt64JsonValue>(type, options),
        _ => null,
    };

    private static WrapperMessage<TMessage, T, TValue> Make<TMessage, T, TValue>(MessageDescriptor type, JsonCodecOptions options)
        where TMessage : class, IMessage
        where TValue : struct, IJsonValue<T> => new(type, options);

    private sealed class WrapperMessage<TMessage, T, TValue>(MessageDescriptor type, JsonCodecOptions options) : JsonMessage<TMessage>(type, options)
        where TMessage : class, IMessage
        where TValue : struct, IJsonValue<T>
    {
        private readonly Func<TMessage, T> _get = Accessors.Getter<TMessage, T>(type.FindFieldByNumber(1));
        private readonly Action<TMessage, T> _set = Accessors.Setter<TMessage, T>(type.FindFieldByNumber(1));

        public override void Write(ref JsonOutput output, TMessage message) => default(TValue).Write(ref output, _get(message));

        public override void Read(ref JsonInput input, TMessage message) => _set(message, default(TValue).Read(ref input));
    }
}
