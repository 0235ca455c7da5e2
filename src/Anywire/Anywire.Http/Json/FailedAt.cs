using System.Text;
using System.Text.Json;

namespace Anywire.Http.Json;

/// <summary>Finds the path to a place in JSON by reading it once more up to there, so that reading what is right costs nothing for it.</summary>
internal static class FailedAt
{
    // Steps; of a longer path both ends are shown.
    private const int Longest = 12;

    /// <summary>The path to the token that starts at an offset, as <c>messages[3].id</c>.</summary>
    public static string Path(ReadOnlySpan<byte> json, long offset, int maxDepth)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = maxDepth });
        var path = new Stack<Step>();
        try
        {
            while (reader.Read() && reader.TokenStartIndex <= offset)
            {
                Follow(ref reader, path);
            }
        }
        catch (JsonException)
        {
            // That is where it breaks off.
        }
        return Text(path);
    }

    private static void Follow(ref Utf8JsonReader reader, Stack<Step> path)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.PropertyName:
                path.Pop();
                path.Push(new Step(Excerpt.Of(reader.ValueSpan), null));
                return;
            case JsonTokenType.EndObject or JsonTokenType.EndArray:
                path.Pop();
                return;
        }
        if (path.TryPeek(out var parent) && parent.Index is { } index)
        {
            path.Pop();
            path.Push(new Step("", index + 1));
        }
        if (reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray)
        {
            path.Push(new Step("", reader.TokenType == JsonTokenType.StartArray ? -1 : null));
        }
    }

    private static string Text(Stack<Step> path)
    {
        var steps = path.Reverse().Where(s => s.Index >= 0 || s.Name.Length > 0).ToArray();
        var text = new StringBuilder();
        for (var i = 0; i < steps.Length; i++)
        {
            if (steps.Length > Longest && i == Longest / 2)
            {
                text.Append(".…");
                i = steps.Length - (Longest / 2);
            }
            text.Append(steps[i].Index is { } index ? $"[{index}]" : text.Length > 0 ? $".{steps[i].Name}" : steps[i].Name);
        }
        return text.ToString();
    }

    /// <summary>One level: the last name in an object, or the last index in an array.</summary>
    private readonly record struct Step(string Name, int? Index);
}
