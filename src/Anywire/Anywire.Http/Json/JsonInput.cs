using System.Text;
using System.Text.Json;

namespace Anywire.Http.Json;

/// <summary>Reads JSON: the reader and what was asked of it. A value is read from its first token, on which the reader stands, to its last, on which
/// it is left standing.</summary>
internal ref struct JsonInput(ReadOnlySpan<byte> json, JsonCodecOptions options)
{
    /// <summary>The reader itself.</summary>
    public Utf8JsonReader Reader = new(json, new JsonReaderOptions { MaxDepth = options.MaxDepth });

    private bool _isUnknown;

    /// <summary>What was asked for.</summary>
    public readonly JsonCodecOptions Options => options;

    /// <summary>The kind of the current token.</summary>
    public readonly JsonTokenType Kind => Reader.TokenType;

    /// <summary>The current text or name, unescaped, as UTF-8.</summary>
    public readonly ReadOnlySpan<byte> Text() => Reader.ValueIsEscaped ? Unescaped() : Reader.ValueSpan;

    /// <summary>The current text or name.</summary>
    public readonly string String() => Reader.ValueIsEscaped ? Encoding.UTF8.GetString(Unescaped()) : Encoding.UTF8.GetString(Reader.ValueSpan);

    /// <summary>The text of a number, which may be given in quotes.</summary>
    public readonly ReadOnlySpan<byte> NumberText() => Kind switch
    {
        JsonTokenType.Number => Reader.ValueSpan,
        JsonTokenType.String => Text(),
        _ => throw Expected("a number"),
    };

    /// <summary>The text of something that is given in quotes only.</summary>
    public readonly ReadOnlySpan<byte> QuotedText(string what) => Kind == JsonTokenType.String ? Text() : throw Expected(what);

    /// <summary>Says of the value that was just read that it is none that is known here; only where
    /// <see cref="JsonCodecOptions.IgnoreUnknownFields"/>.</summary>
    public void MarkUnknown() => _isUnknown = true;

    /// <summary>Whether the value that was just read is none that is known here, so that it must be dropped. Asked once after each.</summary>
    public bool TakeUnknown()
    {
        var isUnknown = _isUnknown;
        _isUnknown = false;
        return isUnknown;
    }

    /// <summary>Insists on the first token of a value.</summary>
    public readonly void Expect(JsonTokenType kind, string what)
    {
        if (Kind != kind)
        {
            throw Expected(what);
        }
    }

    /// <summary>Something else is given. What it is is not repeated: it may be a secret in the wrong place.</summary>
    public readonly JsonFormatException Expected(string what) => new($"{Given()} is given where {what} is expected.");

    private readonly string Given() => Kind switch
    {
        JsonTokenType.StartObject => "An object",
        JsonTokenType.StartArray => "An array",
        JsonTokenType.String => "Text",
        JsonTokenType.Number => "A number",
        JsonTokenType.True => "True",
        JsonTokenType.False => "False",
        _ => "Null",
    };

    private readonly ReadOnlySpan<byte> Unescaped()
    {
        var buffer = new byte[Reader.ValueSpan.Length];
        try
        {
            return buffer.AsSpan(0, Reader.CopyString(buffer));
        }
        catch (InvalidOperationException)
        {
            // The bytes were found to be UTF-8 before reading began, so it can only be this.
            throw new JsonFormatException("It holds half of a surrogate pair, which is no text.");
        }
    }
}
