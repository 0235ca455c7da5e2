using System.Globalization;

namespace Anywire.Http.Json.Values;

/// <summary><c>double</c>: a number, or "NaN", "Infinity", "-Infinity". Minus zero is a value of its own, as in protobuf's binary form.</summary>
internal readonly struct DoubleJsonValue : IJsonValue<double>
{
    public bool IsDefault(double value) => BitConverter.DoubleToInt64Bits(value) == 0;

    public void Write(ref JsonOutput output, double value)
    {
        if (double.IsFinite(value))
        {
            output.Number(value);
            return;
        }
        output.Ascii(double.IsNaN(value) ? "NaN"u8 : value > 0 ? "Infinity"u8 : "-Infinity"u8);
    }

    public double Read(ref JsonInput input) => Parse(input.NumberText());

    public string Format(double value) => value.ToString(CultureInfo.InvariantCulture);

    public double Parse(ReadOnlySpan<byte> text)
    {
        if (JsonNumber.IsNumber(text) && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value))
        {
            return double.IsFinite(value) ? value : throw new JsonFormatException($"{Excerpt.Of(text)} is too large for a 64-bit number.");
        }
        return text.SequenceEqual("NaN"u8) ? double.NaN
            : text.SequenceEqual("Infinity"u8) ? double.PositiveInfinity
            : text.SequenceEqual("-Infinity"u8) ? double.NegativeInfinity
            : throw new JsonFormatException($"{Excerpt.Quoted(text)} is no number.");
    }
}

/// <summary><c>float</c>: as <see cref="DoubleJsonValue"/>, rounded once to 32 bits.</summary>
internal readonly struct SingleJsonValue : IJsonValue<float>
{
    public bool IsDefault(float value) => BitConverter.SingleToInt32Bits(value) == 0;

    public void Write(ref JsonOutput output, float value)
    {
        if (float.IsFinite(value))
        {
            output.Number(value);
            return;
        }
        output.Ascii(float.IsNaN(value) ? "NaN"u8 : value > 0 ? "Infinity"u8 : "-Infinity"u8);
    }

    public float Read(ref JsonInput input) => Parse(input.NumberText());

    public string Format(float value) => value.ToString(CultureInfo.InvariantCulture);

    public float Parse(ReadOnlySpan<byte> text)
    {
        if (JsonNumber.IsNumber(text) && float.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value))
        {
            return float.IsFinite(value) ? value : throw new JsonFormatException($"{Excerpt.Of(text)} is too large for a 32-bit number.");
        }
        return text.SequenceEqual("NaN"u8) ? float.NaN
            : text.SequenceEqual("Infinity"u8) ? float.PositiveInfinity
            : text.SequenceEqual("-Infinity"u8) ? float.NegativeInfinity
            : throw new JsonFormatException($"{Excerpt.Quoted(text)} is no number.");
    }
}
