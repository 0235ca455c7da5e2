using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Unicode;

namespace Anywire.Http.Json;

/// <summary>Writes JSON (RFC 8259) as UTF-8 without white space. It escapes only what must be escaped: the answers are
/// <c>application/json</c>, never part of a page, and escapes would triple the size of text in other scripts. Commas are its own business, names and
/// values must come in turns. What is written before a failure stays in the buffer: throw that away.</summary>
/// <remarks>It stands in for Utf8JsonWriter because names go out in one copy with their quotes and comma, and 64-bit numbers with their quotes:
/// measured by <c>bench json</c>.</remarks>
internal ref struct JsonOutput(IBufferWriter<byte> buffer, int maxDepth)
{
    private const int Chunk = 4096;

    private static readonly SearchValues<char> Escaped =
        SearchValues.Create([.. Enumerable.Range(0, 0x20).Select(c => (char)c), '"', '\\']);

    private Span<byte> _span;
    private int _at;
    private int _depth;
    private bool _hasSibling;

    public void StartObject() => Start((byte)'{');

    public void EndObject() => End((byte)'}');

    public void StartArray() => Start((byte)'[');

    public void EndArray() => End((byte)']');

    /// <summary>A name that was made ready by <see cref="EncodeName"/>.</summary>
    public void Name(byte[] encoded)
    {
        var name = _hasSibling ? encoded : encoded.AsSpan(1);
        Raw(name);
        _hasSibling = true;
    }

    /// <summary>A name that was not known before.</summary>
    public void Name(scoped ReadOnlySpan<char> name)
    {
        Element();
        Text(name);
        Byte((byte)':');
    }

    /// <summary>Goes before each value of an array.</summary>
    public void Element()
    {
        if (_hasSibling)
        {
            Byte((byte)',');
        }
        _hasSibling = true;
    }

    public void Null() => Raw("null"u8);

    public void Boolean(bool value) => Raw(value ? "true"u8 : "false"u8);

    public void Number(int value)
    {
        Reserve(16);
        Utf8Formatter.TryFormat(value, _span[_at..], out var written);
        _at += written;
    }

    public void Number(uint value)
    {
        Reserve(16);
        Utf8Formatter.TryFormat(value, _span[_at..], out var written);
        _at += written;
    }

    /// <summary>The shortest number that reads back as the same.</summary>
    public void Number(double value)
    {
        Reserve(32);
        value.TryFormat(_span[_at..], out var written, provider: CultureInfo.InvariantCulture);
        _at += written;
    }

    /// <summary>The shortest number that reads back as the same.</summary>
    public void Number(float value)
    {
        Reserve(32);
        value.TryFormat(_span[_at..], out var written, provider: CultureInfo.InvariantCulture);
        _at += written;
    }

    /// <summary>A 64-bit number goes as text: JavaScript's numbers end at 53 bits.</summary>
    public void QuotedNumber(long value)
    {
        Reserve(24);
        _span[_at++] = (byte)'"';
        Utf8Formatter.TryFormat(value, _span[_at..], out var written);
        _at += written;
        _span[_at++] = (byte)'"';
    }

    public void QuotedNumber(ulong value)
    {
        Reserve(24);
        _span[_at++] = (byte)'"';
        Utf8Formatter.TryFormat(value, _span[_at..], out var written);
        _at += written;
        _span[_at++] = (byte)'"';
    }

    /// <summary>Bytes as base64 with padding.</summary>
    public void Base64(scoped ReadOnlySpan<byte> bytes)
    {
        const int Step = Chunk / 4 * 3;
        Byte((byte)'"');
        while (true)
        {
            var part = bytes[..Math.Min(bytes.Length, Step)];
            bytes = bytes[part.Length..];
            Reserve(System.Buffers.Text.Base64.GetMaxEncodedToUtf8Length(part.Length));
            System.Buffers.Text.Base64.EncodeToUtf8(part, _span[_at..], out _, out var written, isFinalBlock: bytes.IsEmpty);
            _at += written;
            if (bytes.IsEmpty)
            {
                break;
            }
        }
        Byte((byte)'"');
    }

    /// <summary>Text that needs no escapes, in quotes.</summary>
    public void Ascii(scoped ReadOnlySpan<byte> text)
    {
        Byte((byte)'"');
        Raw(text);
        Byte((byte)'"');
    }

    public void Text(scoped ReadOnlySpan<char> text)
    {
        Byte((byte)'"');
        for (var escape = text.IndexOfAny(Escaped); escape >= 0; escape = text.IndexOfAny(Escaped))
        {
            Unescaped(text[..escape]);
            Escape(text[escape]);
            text = text[(escape + 1)..];
        }
        Unescaped(text);
        Byte((byte)'"');
    }

    /// <summary>Bytes that are JSON already.</summary>
    public void Raw(scoped ReadOnlySpan<byte> json)
    {
        Reserve(json.Length);
        json.CopyTo(_span[_at..]);
        _at += json.Length;
    }

    /// <summary>Hands all that was written to the buffer. Nothing may be written after that.</summary>
    public void Complete()
    {
        buffer.Advance(_at);
        _span = default;
        _at = 0;
    }

    /// <summary>A name with its quotes, its colon and a comma before it.</summary>
    public static byte[] EncodeName(string name)
    {
        var encoded = new ArrayBufferWriter<byte>();
        var output = new JsonOutput(encoded, 1) { _hasSibling = true };
        output.Name(name.AsSpan());
        output.Complete();
        return encoded.WrittenSpan.ToArray();
    }

    private void Start(byte bracket)
    {
        if (++_depth > maxDepth)
        {
            throw new JsonFormatException($"It is nested deeper than {maxDepth} levels.");
        }
        Byte(bracket);
        _hasSibling = false;
    }

    private void End(byte bracket)
    {
        _depth--;
        Byte(bracket);
        _hasSibling = true;
    }

    private void Unescaped(scoped ReadOnlySpan<char> text)
    {
        while (!text.IsEmpty)
        {
            Reserve(Math.Min(text.Length * 3, Chunk));
            var status = Utf8.FromUtf16(text, _span[_at..], out var read, out var written, replaceInvalidSequences: false);
            _at += written;
            text = text[read..];
            if (status is not (OperationStatus.Done or OperationStatus.DestinationTooSmall))
            {
                throw new JsonFormatException("It holds half of a surrogate pair, which is no text.");
            }
        }
    }

    private void Escape(char c)
    {
        Reserve(8);
        _span[_at++] = (byte)'\\';
        var letter = c switch { '"' => '"', '\\' => '\\', '\n' => 'n', '\r' => 'r', '\t' => 't', '\b' => 'b', '\f' => 'f', _ => 'u' };
        _span[_at++] = (byte)letter;
        if (letter == 'u')
        {
            Utf8Formatter.TryFormat((int)c, _span[_at..], out var written, new StandardFormat('x', 4));
            _at += written;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Byte(byte value)
    {
        Reserve(1);
        _span[_at++] = value;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Reserve(int count)
    {
        if (_span.Length - _at < count)
        {
            Grow(count);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Grow(int count)
    {
        buffer.Advance(_at);
        _span = buffer.GetSpan(Math.Max(count, 256));
        _at = 0;
    }
}
