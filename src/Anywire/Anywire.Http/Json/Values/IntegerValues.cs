using System.Globalization;

namespace Anywire.Http.Json.Values;

/// <summary><c>int32</c>, <c>sint32</c>, <c>sfixed32</c>: a number.</summary>
internal readonly struct Int32JsonValue : IJsonValue<int>
{
    public bool IsDefault(int value) => value == 0;

    public void Write(ref JsonOutput output, int value) => output.Number(value);

    public int Read(ref JsonInput input) => Parse(input.NumberText());

    public string Format(int value) => value.ToString(CultureInfo.InvariantCulture);

    public int Parse(ReadOnlySpan<byte> text) => JsonNumber.TryInteger(text, out long value) && value is >= int.MinValue and <= int.MaxValue
        ? (int)value
        : throw new JsonFormatException($"{Excerpt.Of(text)} is no 32-bit integer.");
}

/// <summary><c>uint32</c>, <c>fixed32</c>: a number.</summary>
internal readonly struct UInt32JsonValue : IJsonValue<uint>
{
    public bool IsDefault(uint value) => value == 0;

    public void Write(ref JsonOutput output, uint value) => output.Number(value);

    public uint Read(ref JsonInput input) => Parse(input.NumberText());

    public string Format(uint value) => value.ToString(CultureInfo.InvariantCulture);

    public uint Parse(ReadOnlySpan<byte> text) => JsonNumber.TryInteger(text, out ulong value) && value <= uint.MaxValue
        ? (uint)value
        : throw new JsonFormatException($"{Excerpt.Of(text)} is no unsigned 32-bit integer.");
}

/// <summary><c>int64</c>, <c>sint64</c>, <c>sfixed64</c>: a number in quotes.</summary>
internal readonly struct Int64JsonValue : IJsonValue<long>
{
    public bool IsDefault(long value) => value == 0;

    public void Write(ref JsonOutput output, long value) => output.QuotedNumber(value);

    public long Read(ref JsonInput input) => Parse(input.NumberText());

    public string Format(long value) => value.ToString(CultureInfo.InvariantCulture);

    public long Parse(ReadOnlySpan<byte> text) => JsonNumber.TryInteger(text, out long value)
        ? value
        : throw new JsonFormatException($"{Excerpt.Of(text)} is no 64-bit integer.");
}

/// <summary><c>uint64</c>, <c>fixed64</c>: a number in quotes.</summary>
internal readonly struct UInt64JsonValue : IJsonValue<ulong>
{
    public bool IsDefault(ulong value) => value == 0;

    public void Write(ref JsonOutput output, ulong value) => output.QuotedNumber(value);

    public ulong Read(ref JsonInput input) => Parse(input.NumberText());

    public string Format(ulong value) => value.ToString(CultureInfo.InvariantCulture);

    public ulong Parse(ReadOnlySpan<byte> text) => JsonNumber.TryInteger(text, out ulong value)
        ? value
        : throw new JsonFormatException($"{Excerpt.Of(text)} is no unsigned 64-bit integer.");
}
