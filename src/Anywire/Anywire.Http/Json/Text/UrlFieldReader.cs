using Google.Protobuf;

namespace Anywire.Http.Json.Text;

/// <summary>Sets fields of one message from the parts of one URL, and refuses what contradicts itself: a field that is no list given twice (in the path
/// and in the query, say), two fields of one oneof. Not for several threads.</summary>
/// <param name="type">The message's type.</param>
/// <param name="message">Is changed.</param>
/// <param name="body">A field that comes in the body, so that neither it nor what lies in it may be in the URL; null without.</param>
internal sealed class UrlFieldReader(JsonMessage type, IMessage message, JsonField? body = null)
{
    private readonly HashSet<string> _given = [];
    private readonly Dictionary<string, string> _oneofs = [];

    /// <summary>Sets a field by its name in a query. A name that the message does not have is passed over where
    /// <see cref="JsonCodecOptions.IgnoreUnknownFields"/> says so.</summary>
    /// <exception cref="JsonFormatException">There is no such field, it fits in no URL, it is given already, or the text is no such value.</exception>
    public void Set(string name, string text)
    {
        var first = name.AsSpan();
        first = first.IndexOf('.') is >= 0 and var dot ? first[..dot] : first;
        var field = type.Field(first);
        if (field is null && type.Options.IgnoreUnknownFields)
        {
            return;
        }
        if (field is not null && field == body)
        {
            throw new JsonFormatException(Excerpt.Of(name), "It comes in the body, so it cannot be in the URL.");
        }
        Set(FieldPath.Parse(type, name), text);
    }

    /// <summary>Sets a field of the path, which the body may repeat but not contradict.</summary>
    /// <exception cref="JsonFormatException">The body says something else, or the text is no such value.</exception>
    public void SetInPath(FieldPath path, string text)
    {
        var inBody = path.Field.IsRepeated ? null : path.TextOfSet(message);
        Set(path, text);
        if (inBody is not null && inBody != path.Text(message))
        {
            throw new JsonFormatException(path.Name, "The body says something else than the path.");
        }
    }

    /// <summary>Sets a field.</summary>
    /// <exception cref="JsonFormatException">It is given already, or the text is no such value.</exception>
    public void Set(FieldPath path, string text)
    {
        if (!path.Field.IsRepeated && !_given.Add(path.Name))
        {
            throw new JsonFormatException(path.Name, "It is given twice.");
        }
        foreach (var (oneof, member) in path.Choices)
        {
            // Several fields of one message that is a member are one member.
            if (!_oneofs.TryAdd(oneof, member) && _oneofs[oneof] != member)
            {
                throw new JsonFormatException(path.Name, $"Another field of {oneof} is given too; only one may be.");
            }
        }
        path.Set(message, text);
    }
}
