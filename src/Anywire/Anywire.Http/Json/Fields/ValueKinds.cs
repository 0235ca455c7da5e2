using System.Reflection;
using Anywire.Http.Json.Values;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;

namespace Anywire.Http.Json.Fields;

/// <summary>Takes the kind of a field's values as types, so that what is made of it is closed over them.</summary>
internal interface IValueVisitor<out TResult>
{
    /// <summary>The values are scalars, enums or wrappers.</summary>
    TResult Visit<T, TValue>(TValue value)
        where TValue : struct, IJsonValue<T>;

    /// <summary>The values are messages.</summary>
    TResult VisitMessage<T>(JsonMessage<T> message)
        where T : class, IMessage;
}

/// <summary>Which kind a field's values are of.</summary>
internal static class ValueKinds
{
    /// <summary>Shows a field's kind to a visitor.</summary>
    /// <param name="field">The field.</param>
    /// <param name="messages">Gives the form of a message type.</param>
    /// <param name="visitor">Is called once.</param>
    public static TResult Show<TResult>(FieldDescriptor field, Func<MessageDescriptor, JsonMessage> messages, IValueVisitor<TResult> visitor) =>
        field.FieldType switch
        {
            FieldType.Bool => visitor.Visit<bool, BooleanJsonValue>(default),
            FieldType.String => visitor.Visit<string, StringJsonValue>(default),
            FieldType.Bytes => visitor.Visit<ByteString, BytesJsonValue>(default),
            FieldType.Double => visitor.Visit<double, DoubleJsonValue>(default),
            FieldType.Float => visitor.Visit<float, SingleJsonValue>(default),
            FieldType.Int32 or FieldType.SInt32 or FieldType.SFixed32 => visitor.Visit<int, Int32JsonValue>(default),
            FieldType.UInt32 or FieldType.Fixed32 => visitor.Visit<uint, UInt32JsonValue>(default),
            FieldType.Int64 or FieldType.SInt64 or FieldType.SFixed64 => visitor.Visit<long, Int64JsonValue>(default),
            FieldType.UInt64 or FieldType.Fixed64 => visitor.Visit<ulong, UInt64JsonValue>(default),
            FieldType.Enum => ShowEnum(field.EnumType, visitor),
            _ => ShowMessage(field.MessageType, messages, visitor),
        };

    private static TResult ShowMessage<TResult>(
        MessageDescriptor type, Func<MessageDescriptor, JsonMessage> messages, IValueVisitor<TResult> visitor) =>
        type.FullName switch
        {
            "google.protobuf.BoolValue" => visitor.Visit<bool?, NullableJsonValue<bool, BooleanJsonValue>>(default),
            "google.protobuf.StringValue" => visitor.Visit<string, ReferenceJsonValue<string, StringJsonValue>>(default),
            "google.protobuf.BytesValue" => visitor.Visit<ByteString, ReferenceJsonValue<ByteString, BytesJsonValue>>(default),
            "google.protobuf.DoubleValue" => visitor.Visit<double?, NullableJsonValue<double, DoubleJsonValue>>(default),
            "google.protobuf.FloatValue" => visitor.Visit<float?, NullableJsonValue<float, SingleJsonValue>>(default),
            "google.protobuf.Int32Value" => visitor.Visit<int?, NullableJsonValue<int, Int32JsonValue>>(default),
            "google.protobuf.UInt32Value" => visitor.Visit<uint?, NullableJsonValue<uint, UInt32JsonValue>>(default),
            "google.protobuf.Int64Value" => visitor.Visit<long?, NullableJsonValue<long, Int64JsonValue>>(default),
            "google.protobuf.UInt64Value" => visitor.Visit<ulong?, NullableJsonValue<ulong, UInt64JsonValue>>(default),
            _ => Call<TResult>(nameof(VisitMessage), type.ClrType, messages(type), visitor),
        };

    private static TResult ShowEnum<TResult>(EnumDescriptor type, IValueVisitor<TResult> visitor) =>
        type.FullName == "google.protobuf.NullValue"
            ? visitor.Visit<NullValue, NullJsonValue>(new NullJsonValue(new EnumNames(type)))
            : Call<TResult>(nameof(VisitEnum), type.ClrType, new EnumNames(type), visitor);

    private static TResult VisitMessage<TResult, T>(JsonMessage message, IValueVisitor<TResult> visitor)
        where T : class, IMessage => visitor.VisitMessage((JsonMessage<T>)message);

    private static TResult VisitEnum<TResult, T>(EnumNames names, IValueVisitor<TResult> visitor)
        where T : struct, System.Enum => visitor.Visit<T, EnumJsonValue<T>>(new EnumJsonValue<T>(names));

    private static TResult Call<TResult>(string method, System.Type type, params object[] arguments) =>
        (TResult)typeof(ValueKinds).GetMethod(method, BindingFlags.NonPublic | BindingFlags.Static)!
            .MakeGenericMethod(typeof(TResult), type)
            .Invoke(null, BindingFlags.DoNotWrapExceptions, null, arguments, null)!;
}
