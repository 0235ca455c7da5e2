using System.Text.Json;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;

namespace Anywire.Http.Json.WellKnown;

/// <summary>An Any as the object it holds with <c>@type</c> beside its fields, or beside <c>value</c> when the type has a form of its own. Only types of
/// <see cref="JsonCodecOptions.Types"/> are known.</summary>
internal sealed class AnyMessage(JsonCodecOptions options, Func<MessageDescriptor, JsonMessage> messages) : JsonMessage<Any>(Any.Descriptor, options)
{
    private static readonly byte[] TypeName = JsonOutput.EncodeName("@type");
    private static readonly byte[] ValueName = JsonOutput.EncodeName("value");

    public override void Write(ref JsonOutput output, Any message)
    {
        output.StartObject();
        if (message.TypeUrl.Length > 0 || !message.Value.IsEmpty)
        {
            WriteHeld(ref output, message);
        }
        output.EndObject();
    }

    public override void Read(ref JsonInput input, Any message)
    {
        input.Expect(JsonTokenType.StartObject, "an object");
        if (FindType(ref input) is not { } url)
        {
            input.Reader.Read();
            if (input.Kind != JsonTokenType.EndObject)
            {
                throw new JsonFormatException("Its @type is missing.");
            }
            (message.TypeUrl, message.Value) = ("", ByteString.Empty);
            return;
        }
        var type = Type(url);
        var held = type.NewMessage();
        if (type.IsObject)
        {
            type.ReadFields(ref input, held);
        }
        else
        {
            ReadValue(ref input, type, held);
        }
        (message.TypeUrl, message.Value) = (url, held.ToByteString());
    }

    private void WriteHeld(ref JsonOutput output, Any message)
    {
        var type = Type(message.TypeUrl);
        IMessage held;
        try
        {
            held = type.Descriptor.Parser.ParseFrom(message.Value);
        }
        catch (InvalidProtocolBufferException e)
        {
            throw new JsonFormatException("", $"An Any holds no {type.Descriptor.Name}, though it says so.", e);
        }
        output.Name(TypeName);
        output.Text(message.TypeUrl);
        if (type.IsObject)
        {
            type.WriteFields(ref output, held);
            return;
        }
        output.Name(ValueName);
        type.Write(ref output, held);
    }

    private JsonMessage Type(string url)
    {
        var name = url[(url.LastIndexOf('/') + 1)..];
        return url.Contains('/', StringComparison.Ordinal) && Options.Types.Find(name) is { } type
            ? messages(type)
            : throw new JsonFormatException($"\"{Excerpt.Of(url)}\" is no type that is known here.");
    }

    // The type may come last, so a copy of the reader runs ahead.
    private static string? FindType(ref JsonInput input)
    {
        var ahead = input;
        try
        {
            return FindTypeAhead(ref ahead);
        }
        catch
        {
            // It is there that it failed.
            input.Reader = ahead.Reader;
            throw;
        }
    }

    private static string? FindTypeAhead(ref JsonInput input)
    {
        while (input.Reader.Read() && input.Kind != JsonTokenType.EndObject)
        {
            if (input.Text().SequenceEqual("@type"u8))
            {
                input.Reader.Read();
                input.Expect(JsonTokenType.String, "the name of a type");
                return input.String();
            }
            input.Reader.Skip();
        }
        return null;
    }

    private static void ReadValue(ref JsonInput input, JsonMessage type, IMessage held)
    {
        var (hasType, hasValue) = (false, false);
        for (input.Reader.Read(); input.Kind != JsonTokenType.EndObject; input.Reader.Read())
        {
            var isType = input.Text().SequenceEqual("@type"u8);
            var isValue = input.Text().SequenceEqual("value"u8);
            if ((isType && hasType) || (isValue && hasValue))
            {
                throw new JsonFormatException("It is given twice.");
            }
            (hasType, hasValue) = (hasType || isType, hasValue || isValue);
            if (isValue)
            {
                input.Reader.Read();
                type.Read(ref input, held);
            }
            else if (isType || input.Options.IgnoreUnknownFields)
            {
                input.Reader.Skip();
            }
            else
            {
                throw new JsonFormatException("An Any of this type has only @type and value.");
            }
        }
        if (!hasValue)
        {
            throw new JsonFormatException("Its value is missing.");
        }
    }
}
