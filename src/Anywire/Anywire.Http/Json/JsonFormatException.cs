namespace Anywire.Http.Json;

/// <summary>JSON, or text of a URL, that is no message of the expected type; or a message that JSON cannot carry. The message is a sentence that
/// may be shown to the caller: it repeats at most some forty characters of the input.</summary>
internal sealed class JsonFormatException : Exception
{
    /// <summary>Says which rule was broken, where.</summary>
    /// <param name="path">The field, as <c>page.limit</c> or <c>messages[3].id</c>; empty: the whole.</param>
    /// <param name="rule">A sentence without the field.</param>
    /// <param name="inner">What found it, if something else did.</param>
    public JsonFormatException(string path, string rule, Exception? inner = null)
        : base(path.Length == 0 ? rule : $"{path}: {rule}", inner) => (Path, Rule) = (path, rule);

    /// <summary>Says which rule was broken; who knows where adds it.</summary>
    public JsonFormatException(string rule)
        : this("", rule)
    {
    }

    /// <summary>The field, as <c>page.limit</c> or <c>messages[3].id</c>; empty when it is the whole, or unknown.</summary>
    public string Path { get; }

    /// <summary>The sentence, without the field.</summary>
    public string Rule { get; }

    /// <summary>The same, somewhere.</summary>
    public JsonFormatException At(string path) => new(path, Rule, this);
}
