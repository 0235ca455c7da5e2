using System.Text.Json;
using Anywire.Http.Json.Values;
using Google.Protobuf.WellKnownTypes;

namespace Anywire.Http.Json.WellKnown;

/// <summary>A Struct as any object.</summary>
internal sealed class StructMessage(JsonCodecOptions options) : JsonMessage<Struct>(Struct.Descriptor, options)
{
    public override void Write(ref JsonOutput output, Struct message) => AnyJson.Write(ref output, message);

    public override void Read(ref JsonInput input, Struct message) => AnyJson.Read(ref input, message);
}

/// <summary>A ListValue as any array.</summary>
internal sealed class ListValueMessage(JsonCodecOptions options) : JsonMessage<ListValue>(ListValue.Descriptor, options)
{
    public override void Write(ref JsonOutput output, ListValue message) => AnyJson.Write(ref output, message);

    public override void Read(ref JsonInput input, ListValue message) => AnyJson.Read(ref input, message);
}

/// <summary>A Value as any JSON.</summary>
internal sealed class ValueMessage(JsonCodecOptions options) : JsonMessage<Value>(Value.Descriptor, options)
{
    public override bool TakesNull => true;

    public override void Write(ref JsonOutput output, Value message) => AnyJson.Write(ref output, message);

    public override void Read(ref JsonInput input, Value message) => AnyJson.Read(ref input, message);
}

/// <summary>Struct, ListValue and Value, which hold each other. How deep is bounded by reader and writer.</summary>
internal static class AnyJson
{
    public static void Write(ref JsonOutput output, Struct message)
    {
        output.StartObject();
        foreach (var (name, value) in message.Fields)
        {
            output.Name(name.AsSpan());
            Write(ref output, value);
        }
        output.EndObject();
    }

    public static void Write(ref JsonOutput output, ListValue message)
    {
        output.StartArray();
        foreach (var value in message.Values)
        {
            output.Element();
            Write(ref output, value);
        }
        output.EndArray();
    }

    public static void Write(ref JsonOutput output, Value message)
    {
        switch (message.KindCase)
        {
            case Value.KindOneofCase.NullValue:
                output.Null();
                break;
            case Value.KindOneofCase.BoolValue:
                output.Boolean(message.BoolValue);
                break;
            case Value.KindOneofCase.StringValue:
                output.Text(message.StringValue);
                break;
            case Value.KindOneofCase.NumberValue when double.IsFinite(message.NumberValue):
                output.Number(message.NumberValue);
                break;
            case Value.KindOneofCase.StructValue:
                Write(ref output, message.StructValue);
                break;
            case Value.KindOneofCase.ListValue:
                Write(ref output, message.ListValue);
                break;
            default:
                // In quotes they would come back as text.
                throw new JsonFormatException("A Value that is not set, not a number or infinite has no form in JSON.");
        }
    }

    public static void Read(ref JsonInput input, Struct message)
    {
        input.Expect(JsonTokenType.StartObject, "an object");
        var seen = message.Fields.Count == 0 ? null : new HashSet<string>();
        for (input.Reader.Read(); input.Kind != JsonTokenType.EndObject; input.Reader.Read())
        {
            var name = input.String();
            if (seen is null ? message.Fields.ContainsKey(name) : !seen.Add(name))
            {
                throw new JsonFormatException("It is given twice.");
            }
            input.Reader.Read();
            message.Fields[name] = ReadValue(ref input);
        }
    }

    public static void Read(ref JsonInput input, ListValue message)
    {
        input.Expect(JsonTokenType.StartArray, "an array");
        for (input.Reader.Read(); input.Kind != JsonTokenType.EndArray; input.Reader.Read())
        {
            message.Values.Add(ReadValue(ref input));
        }
    }

    public static void Read(ref JsonInput input, Value message)
    {
        switch (input.Kind)
        {
            case JsonTokenType.Null:
                message.NullValue = NullValue.NullValue;
                break;
            case JsonTokenType.True or JsonTokenType.False:
                message.BoolValue = input.Kind == JsonTokenType.True;
                break;
            case JsonTokenType.String:
                message.StringValue = input.String();
                break;
            case JsonTokenType.Number:
                message.NumberValue = new DoubleJsonValue().Read(ref input);
                break;
            case JsonTokenType.StartObject:
                message.StructValue = new Struct();
                Read(ref input, message.StructValue);
                break;
            default:
                message.ListValue = new ListValue();
                Read(ref input, message.ListValue);
                break;
        }
    }

    private static Value ReadValue(ref JsonInput input)
    {
        var value = new Value();
        Read(ref input, value);
        return value;
    }
}
