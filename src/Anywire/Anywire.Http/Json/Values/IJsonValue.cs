namespace Anywire.Http.Json.Values;

/// <summary>How values of one kind are written and read, in JSON and as text in a URL or as the key of a map. Implementations are structs, so that the
/// code of a field is compiled for its kind and calls none of them through an interface.</summary>
internal interface IJsonValue<T>
{
    /// <summary>Whether JSON's null is a value of its own; elsewhere null means that a field is not set.</summary>
    bool TakesNull => false;

    /// <summary>Whether it has a form that fits in a URL.</summary>
    bool IsText => true;

    /// <summary>Whether a field without presence that has this value is left out.</summary>
    bool IsDefault(T value);

    /// <summary>Writes it.</summary>
    void Write(ref JsonOutput output, T value);

    /// <summary>Reads it; leaves the reader on its last token.</summary>
    /// <exception cref="JsonFormatException">It is no such value. Where is added by who knows.</exception>
    T Read(ref JsonInput input);

    /// <summary>It as text.</summary>
    string Format(T value);

    /// <summary>Reads it from text, UTF-8.</summary>
    /// <exception cref="JsonFormatException">It is no such value. Where is added by who knows.</exception>
    T Parse(ReadOnlySpan<byte> text);
}
