using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace Anywire.Http.Json.Text;

/// <summary>The way to a field of a message, through messages, as a URL names it (<c>google.api.http</c>): <c>page.limit</c>. Its end is a scalar, an
/// enum, or a type that has a form as text (wrappers, Timestamp, Duration, FieldMask), or a list of these. Immutable; any thread may use it.</summary>
internal sealed class FieldPath
{
    private readonly JsonField[] _way;

    private FieldPath(JsonField[] way)
    {
        _way = way;
        Name = string.Join('.', way.Select(f => f.Descriptor.JsonName));
        Choices =
        [
            .. way.Index().Where(f => f.Item.Oneof >= 0).Select(f => (
                string.Join('.', way.Take(f.Index).Select(p => p.Descriptor.JsonName).Append(f.Item.Descriptor.ContainingOneof.Name)),
                string.Join('.', way.Take(f.Index + 1).Select(p => p.Descriptor.JsonName)))),
        ];
    }

    /// <summary>The whole path in lowerCamelCase, whichever form it was given in.</summary>
    public string Name { get; }

    /// <summary>The field at its end.</summary>
    public FieldDescriptor Field => _way[^1].Descriptor;

    /// <summary>For each oneof that it passes, or ends in: the oneof and the member it takes, as paths.</summary>
    public IReadOnlyList<(string Oneof, string Member)> Choices { get; }

    /// <summary>Finds it. Names may be in lowerCamelCase or as they stand in the .proto file.</summary>
    /// <exception cref="JsonFormatException">The message has no such field, or it is none that fits in a URL.</exception>
    public static FieldPath Parse(JsonMessage type, string path)
    {
        var way = new List<JsonField>(2);
        var next = type;
        foreach (var part in path.AsSpan().Split('.'))
        {
            if (next is not { IsObject: true } || next.Field(path.AsSpan()[part]) is not { } field || way.Count >= type.Options.MaxDepth)
            {
                throw new JsonFormatException(Excerpt.Of(path), $"{type.Descriptor.Name} has no such field.");
            }
            way.Add(field);
            next = field.Message;
        }
        return way[^1].IsText ? new FieldPath([.. way]) : throw new JsonFormatException(Excerpt.Of(path), Unfit(way[^1]));
    }

    /// <summary>Sets the field from text; a list grows by one. Messages on the way are made.</summary>
    /// <exception cref="JsonFormatException">The text is no such value.</exception>
    public void Set(IMessage message, string text)
    {
        foreach (var field in _way.AsSpan(..^1))
        {
            message = field.GetOrCreateMessage(message);
        }
        try
        {
            _way[^1].SetText(message, Utf8(text));
        }
        catch (JsonFormatException e)
        {
            throw e.At(Name);
        }
    }

    /// <summary>The field as text; null when it, or a message on the way, is not set. A field without presence is always set. Not for lists.</summary>
    /// <exception cref="JsonFormatException">It has no form as text, such as a Timestamp beyond the year 9999.</exception>
    public string? Text(IMessage message) => Holder(message) is { } holder ? _way[^1].Text(holder) : null;

    /// <summary>The field as text; null when JSON would leave it out. Not for lists.</summary>
    public string? TextOfSet(IMessage message) =>
        Holder(message) is { } holder && !_way[^1].IsLeftOut(holder) ? _way[^1].Text(holder) : null;

    /// <summary>Why a field cannot be in a URL.</summary>
    public static string Unfit(JsonField field) => field.Descriptor switch
    {
        { IsMap: true } => "A map cannot be a part of a URL.",
        { IsRepeated: true } => "A list of messages cannot be a part of a URL.",
        _ => $"A message ({field.Descriptor.MessageType.Name}) cannot be a part of a URL.",
    };

    // The message that has the field; null when it, or one on the way, is not set.
    private IMessage? Holder(IMessage message)
    {
        foreach (var field in _way.AsSpan(..^1))
        {
            if (field.GetMessage(message) is not { } next)
            {
                return null;
            }
            message = next;
        }
        return message;
    }

    private static byte[] Utf8(string text)
    {
        var utf8 = new byte[text.Length * 3];
        return System.Text.Unicode.Utf8.FromUtf16(text, utf8, out _, out var written, replaceInvalidSequences: false) == System.Buffers.OperationStatus.Done
            ? utf8[..written]
            : throw new JsonFormatException("It holds half of a surrogate pair, which is no text.");
    }
}
