using System.Text;
using System.Text.Json;
using Google.Protobuf;

namespace Anywire.Http.Json.Values;

/// <summary><c>bool</c>: true or false, in quotes only as the key of a map and in a URL.</summary>
internal readonly struct BooleanJsonValue : IJsonValue<bool>
{
    public bool IsDefault(bool value) => !value;

    public void Write(ref JsonOutput output, bool value) => output.Boolean(value);

    public bool Read(ref JsonInput input) => input.Kind switch
    {
        JsonTokenType.True => true,
        JsonTokenType.False => false,
        _ => throw input.Expected("true or false"),
    };

    public string Format(bool value) => value ? "true" : "false";

    public bool Parse(ReadOnlySpan<byte> text) =>
        text.SequenceEqual("true"u8) || (text.SequenceEqual("false"u8) ? false : throw new JsonFormatException($"{Excerpt.Quoted(text)} is neither true nor false."));
}

/// <summary><c>string</c>.</summary>
internal readonly struct StringJsonValue : IJsonValue<string>
{
    public bool IsDefault(string value) => value.Length == 0;

    public void Write(ref JsonOutput output, string value) => output.Text(value);

    public string Read(ref JsonInput input) => input.Kind == JsonTokenType.String ? input.String() : throw input.Expected("text");

    public string Format(string value) => value;

    public string Parse(ReadOnlySpan<byte> text) => Encoding.UTF8.GetString(text);
}

/// <summary><c>bytes</c>: base64, written with padding and the standard alphabet, read in both alphabets with or without padding.</summary>
internal readonly struct BytesJsonValue : IJsonValue<ByteString>
{
    public bool IsDefault(ByteString value) => value.IsEmpty;

    public void Write(ref JsonOutput output, ByteString value) => output.Base64(value.Span);

    public ByteString Read(ref JsonInput input) => Parse(input.QuotedText("base64"));

    public string Format(ByteString value) => value.ToBase64();

    public ByteString Parse(ReadOnlySpan<byte> text) =>
        Base64Text.TryDecode(text, out var bytes) ? UnsafeByteOperations.UnsafeWrap(bytes) : throw new JsonFormatException("It is no base64.");
}
