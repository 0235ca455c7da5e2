using System.Collections.Frozen;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;

namespace Anywire.Http.Json.Values;

/// <summary>The names of an enum's values. Immutable.</summary>
internal sealed class EnumNames
{
    private readonly EnumDescriptor _type;
    private readonly FrozenDictionary<int, byte[]> _names;

    public EnumNames(EnumDescriptor type)
    {
        _type = type;
        // Aliases share a number; the first is written.
        _names = type.Values.DistinctBy(v => v.Number).ToFrozenDictionary(v => v.Number, v => Encoding.UTF8.GetBytes(v.Name));
    }

    /// <summary>A name that is written as it is; null for a number without one.</summary>
    public byte[]? Name(int number) => _names.GetValueOrDefault(number);

    /// <summary>The number that a name, or a number as text, stands for; null for a name that is not known.</summary>
    public int? Find(ReadOnlySpan<byte> text) => text is [(byte)'-' or >= (byte)'0' and <= (byte)'9', ..]
        ? new Int32JsonValue().Parse(text)
        : _type.FindValueByName(Encoding.UTF8.GetString(text))?.Number;

    /// <summary>As <see cref="Find"/>, but a name must be known.</summary>
    public int Number(ReadOnlySpan<byte> text) =>
        Find(text) ?? throw new JsonFormatException($"{Excerpt.Quoted(text)} is no value of {_type.Name}.");
}

/// <summary>An enum: its name, or its number when it has none. Numbers without a name are kept.</summary>
internal readonly struct EnumJsonValue<TEnum>(EnumNames names) : IJsonValue<TEnum>
    where TEnum : struct, System.Enum
{
    public bool IsDefault(TEnum value) => Number(value) == 0;

    public void Write(ref JsonOutput output, TEnum value)
    {
        if (names.Name(Number(value)) is { } name)
        {
            output.Ascii(name);
            return;
        }
        output.Number(Number(value));
    }

    public TEnum Read(ref JsonInput input) => Value(input.Kind switch
    {
        JsonTokenType.String => ReadName(ref input),
        JsonTokenType.Number => new Int32JsonValue().Read(ref input),
        _ => throw input.Expected("the name of a value"),
    });

    public string Format(TEnum value) => names.Name(Number(value)) is { } name
        ? Encoding.UTF8.GetString(name)
        : Number(value).ToString(CultureInfo.InvariantCulture);

    public TEnum Parse(ReadOnlySpan<byte> text) => Value(names.Number(text));

    // A newer server may know more values; by their numbers, as in protobuf's binary form, they would have passed.
    private int ReadName(ref JsonInput input)
    {
        if (!input.Options.IgnoreUnknownFields)
        {
            return names.Number(input.Text());
        }
        if (names.Find(input.Text()) is { } number)
        {
            return number;
        }
        input.MarkUnknown();
        return 0;
    }

    // The generator makes every enum an int.
    private static int Number(TEnum value) => Unsafe.BitCast<TEnum, int>(value);

    private static TEnum Value(int number) => Unsafe.BitCast<int, TEnum>(number);
}

/// <summary><c>google.protobuf.NullValue</c>: null.</summary>
internal readonly struct NullJsonValue(EnumNames names) : IJsonValue<NullValue>
{
    public bool TakesNull => true;

    public bool IsDefault(NullValue value) => value == NullValue.NullValue;

    public void Write(ref JsonOutput output, NullValue value) => output.Null();

    public NullValue Read(ref JsonInput input) =>
        input.Kind == JsonTokenType.Null ? NullValue.NullValue : new EnumJsonValue<NullValue>(names).Read(ref input);

    public string Format(NullValue value) => new EnumJsonValue<NullValue>(names).Format(value);

    public NullValue Parse(ReadOnlySpan<byte> text) => new EnumJsonValue<NullValue>(names).Parse(text);
}
