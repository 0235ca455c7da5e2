using System.Buffers;
using System.Text.Json;
using System.Text.Unicode;
using Google.Protobuf;

namespace Anywire.Http.Json;

/// <summary>Something that one JSON text is read into: a whole message, or one field of it.</summary>
internal interface IJsonReadable
{
    /// <summary>Reads the value that the reader stands on, and leaves the reader on its last token.</summary>
    void Read(ref JsonInput input, IMessage message);
}

/// <summary>A whole JSON text, from its first byte to its last.</summary>
internal static class JsonText
{
    /// <summary>Reads it into a message. When it fails, some fields may have been set.</summary>
    /// <exception cref="JsonFormatException">It is no JSON, or not what was expected; says where.</exception>
    public static void Read(in ReadOnlySequence<byte> json, JsonCodecOptions options, IJsonReadable target, IMessage message)
    {
        if (json.IsSingleSegment)
        {
            Read(json.FirstSpan, options, target, message);
            return;
        }
        // One copy costs less than a reader that must look at the end of a segment before every byte.
        var length = checked((int)json.Length);
        var copy = ArrayPool<byte>.Shared.Rent(length);
        try
        {
            json.CopyTo(copy);
            Read(copy.AsSpan(0, length), options, target, message);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(copy);
        }
    }

    private static void Read(ReadOnlySpan<byte> json, JsonCodecOptions options, IJsonReadable target, IMessage message)
    {
        if (!Utf8.IsValid(json))
        {
            throw new JsonFormatException("It is no UTF-8.");
        }
        var input = new JsonInput(json, options);
        try
        {
            input.Reader.Read();
            target.Read(ref input, message);
            // Insists that nothing follows.
            input.Reader.Read();
        }
        catch (JsonException e)
        {
            throw Malformed(json, ref input, e);
        }
        catch (JsonFormatException e) when (e.Path.Length == 0)
        {
            throw e.At(FailedAt.Path(json, input.Reader.TokenStartIndex, options.MaxDepth));
        }
    }

    private static JsonFormatException Malformed(ReadOnlySpan<byte> json, ref JsonInput input, JsonException e)
    {
        var rest = json[(int)input.Reader.BytesConsumed..].TrimStart(" \t\r\n:,"u8);
        // On a bracket that opens, the reader counts what lies around it.
        var depth = input.Reader.CurrentDepth + (input.Kind is JsonTokenType.StartObject or JsonTokenType.StartArray ? 1 : 0);
        var isTooDeep = depth >= input.Options.MaxDepth && rest is [(byte)'{' or (byte)'[', ..];
        var rule = isTooDeep ? $"It is nested deeper than {input.Options.MaxDepth} levels."
            : json.TrimStart(" \t\r\n"u8).IsEmpty ? "It is empty; JSON is expected."
            : $"It is no JSON from line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1} on.";
        return new JsonFormatException("", rule, e);
    }
}
