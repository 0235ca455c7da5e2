using System.Text;
using Google.Protobuf.WellKnownTypes;

namespace Anywire.Http.Json.WellKnown;

/// <summary>A FieldMask as its paths in lowerCamelCase with commas between: <c>"user.displayName,photo"</c>. A path that would not come back as it was
/// is refused.</summary>
internal sealed class FieldMaskMessage(JsonCodecOptions options) : JsonMessage<FieldMask>(FieldMask.Descriptor, options)
{
    public override bool IsText => true;

    public override void Write(ref JsonOutput output, FieldMask message) => output.Text(Format(message));

    public override void Read(ref JsonInput input, FieldMask message) => Parse(input.QuotedText("text with the names of fields"), message);

    public override string Format(FieldMask message) => string.Join(',', message.Paths.Select(Camel));

    public override void Parse(ReadOnlySpan<byte> text, FieldMask message)
    {
        message.Paths.Clear();
        if (!text.IsEmpty)
        {
            message.Paths.AddRange(Encoding.UTF8.GetString(text).Split(',').Select(Snake));
        }
    }

    private static string Camel(string path)
    {
        var camel = new StringBuilder(path.Length);
        for (var i = 0; i < path.Length; i++)
        {
            if (path[i] == '_' && i + 1 < path.Length && char.IsAsciiLetterLower(path[i + 1]))
            {
                camel.Append(char.ToUpperInvariant(path[++i]));
            }
            else if (IsLower(path[i]))
            {
                camel.Append(path[i]);
            }
            else
            {
                throw new JsonFormatException($"\"{Excerpt.Of(path)}\" is no path that JSON can carry: lower_snake_case is expected.");
            }
        }
        return camel.Length > 0 ? camel.ToString() : throw new JsonFormatException("An empty path is none.");
    }

    private static string Snake(string path)
    {
        var snake = new StringBuilder(path.Length + 4);
        foreach (var c in path)
        {
            if (char.IsAsciiLetterUpper(c))
            {
                snake.Append('_').Append(char.ToLowerInvariant(c));
            }
            else if (IsLower(c))
            {
                snake.Append(c);
            }
            else
            {
                throw new JsonFormatException($"\"{Excerpt.Of(path)}\" is no path: lowerCamelCase is expected.");
            }
        }
        return snake.Length > 0 ? snake.ToString() : throw new JsonFormatException("An empty path is none.");
    }

    private static bool IsLower(char c) => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '.';
}
