using Google.Protobuf;

namespace Anywire.Http.Json.Text;

/// <summary>What a client puts into the query: all fields that are set, as <c>google.api.http</c> asks.</summary>
internal static class UrlFieldWriter
{
    /// <summary>Names in lowerCamelCase and values as text, not yet percent-encoded; a list several times. What JSON leaves out is left out, and so is a
    /// message without fields, which a query cannot say.</summary>
    /// <param name="type">The message's type.</param>
    /// <param name="message">The message.</param>
    /// <param name="isElsewhere">Says of a name, such as <c>page.limit</c>, whether it and all that lies in it is in the path or in the body.</param>
    /// <exception cref="JsonFormatException">Something is set that fits in no URL: a map, a list of messages, a Struct, an Any.</exception>
    public static List<KeyValuePair<string, string>> Parameters(JsonMessage type, IMessage message, Predicate<string> isElsewhere)
    {
        var parameters = new List<KeyValuePair<string, string>>();
        Add(type, message, "", isElsewhere, parameters, type.Options.MaxDepth);
        return parameters;
    }

    private static void Add(
        JsonMessage type, IMessage message, string prefix, Predicate<string> isElsewhere, List<KeyValuePair<string, string>> parameters, int levels)
    {
        if (levels == 0)
        {
            throw new JsonFormatException(Excerpt.Of(prefix), $"It is nested deeper than {type.Options.MaxDepth} levels.");
        }
        foreach (var field in type.Fields)
        {
            if (field.IsLeftOut(message))
            {
                continue;
            }
            var name = prefix.Length == 0 ? field.Descriptor.JsonName : $"{prefix}.{field.Descriptor.JsonName}";
            if (isElsewhere(name))
            {
                continue;
            }
            if (field.IsText)
            {
                field.AddTexts(message, name, parameters);
            }
            else if (field.Message is { IsObject: true } inner)
            {
                Add(inner, field.GetMessage(message)!, name, isElsewhere, parameters, levels - 1);
            }
            else
            {
                throw new JsonFormatException(name, FieldPath.Unfit(field));
            }
        }
    }
}
