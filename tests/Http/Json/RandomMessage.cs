using System.Collections;
using CsCheck;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;

namespace Anywire.Http.Tests.Json;

/// <summary>Random messages of a type, made by its descriptor alone, so that no kind of field is left out by accident. Everything is valid: what JSON
/// cannot carry is left to named cases.</summary>
internal sealed class RandomMessage(int seed)
{
    private static readonly string[] Texts =
    [
        "", "a", "plain text", "\"quoted\" \\ and / more", "tabs\tand\nlines\r\b\f\u0001\u001f\u007f", "größe", "日本語のテキスト", "👨‍👩‍👧‍👦 family",
        "नमस्ते", "\u2028\u2029", "</script>", "null", "NaN", new('x', 300), new('漢', 400), new('"', 700), "\uFFFF\uFFFE",
    ];

    private static readonly long[] Integers = [0, 1, -1, 7, 42, 1000, int.MaxValue, int.MinValue, uint.MaxValue, 1L << 53, (1L << 53) + 1, long.MaxValue, long.MinValue];

    // Enough for lists that are not sorted, not so much that a message that holds itself takes seconds.
    private const int Longest = 3;

    private readonly Random _random = new(seed);

    /// <summary>A generator of such messages.</summary>
    public static Gen<IMessage> Of(MessageDescriptor type) => Gen.Int.Select(seed => Once(type, seed));

    /// <summary>One of them, always the same.</summary>
    public static IMessage Once(MessageDescriptor type, int seed) => new RandomMessage(seed).Make(type, 0);

    private IMessage Make(MessageDescriptor type, int depth)
    {
        if (Special(type, depth) is { } special)
        {
            return special;
        }
        var message = type.Parser.ParseFrom([]);
        // Some messages have all their fields, some few.
        var chance = _random.Next(4) == 0 ? 1.0 : _random.NextDouble();
        foreach (var field in type.Fields.InFieldNumberOrder().Where(_ => _random.NextDouble() < chance))
        {
            Fill(message, field, depth);
        }
        return message;
    }

    private void Fill(IMessage message, FieldDescriptor field, int depth)
    {
        if (depth > 2 && field.FieldType == FieldType.Message)
        {
            return;
        }
        if (field.IsMap)
        {
            var map = (IDictionary)field.Accessor.GetValue(message);
            var (key, value) = (field.MessageType.FindFieldByNumber(1), field.MessageType.FindFieldByNumber(2));
            for (var i = _random.Next(Longest); i > 0; i--)
            {
                // Google's refuses empty names in a Struct.
                map[field.ContainingType == Struct.Descriptor ? $"k{Text()}" : Value(key, depth)] = Value(value, depth);
            }
        }
        else if (field.IsRepeated)
        {
            var list = (IList)field.Accessor.GetValue(message);
            for (var i = _random.Next(Longest); i > 0; i--)
            {
                list.Add(Value(field, depth));
            }
        }
        else
        {
            field.Accessor.SetValue(message, Value(field, depth));
        }
    }

    private object Value(FieldDescriptor field, int depth) => field.FieldType switch
    {
        FieldType.Bool => _random.Next(2) == 0,
        FieldType.String => Text(),
        FieldType.Bytes => Bytes(),
        FieldType.Double => Double(),
        FieldType.Float => Float(),
        FieldType.Int32 or FieldType.SInt32 or FieldType.SFixed32 => unchecked((int)Integer()),
        FieldType.UInt32 or FieldType.Fixed32 => unchecked((uint)Integer()),
        FieldType.Int64 or FieldType.SInt64 or FieldType.SFixed64 => Integer(),
        FieldType.UInt64 or FieldType.Fixed64 => unchecked((ulong)Integer()),
        FieldType.Enum => Enum(field),
        _ => Unwrap(Make(field.MessageType, depth + 1)),
    };

    // Generated code shows wrappers as their values.
    private static object Unwrap(IMessage message) =>
        message.Descriptor.File.Name == "google/protobuf/wrappers.proto" ? message.Descriptor.FindFieldByNumber(1).Accessor.GetValue(message) : message;

    private IMessage? Special(MessageDescriptor type, int depth) => type.FullName switch
    {
        "google.protobuf.Timestamp" => new Timestamp { Seconds = _random.NextInt64(-62_135_596_800, 253_402_300_800), Nanos = Nanos() },
        "google.protobuf.Duration" => _random.Next(2) == 0
            ? new Duration { Seconds = _random.NextInt64(0, 315_576_000_001), Nanos = Nanos() }
            : new Duration { Seconds = -_random.NextInt64(0, 315_576_000_001), Nanos = -Nanos() },
        "google.protobuf.FieldMask" => new FieldMask { Paths = { Enumerable.Repeat("a.long_path.b2", _random.Next(4)) } },
        "google.protobuf.Value" => JsonValue(depth),
        "google.protobuf.Any" => AnyOf(depth),
        _ => null,
    };

    private Value JsonValue(int depth) => _random.Next(depth > 4 ? 4 : 6) switch
    {
        0 => Google.Protobuf.WellKnownTypes.Value.ForNull(),
        1 => Google.Protobuf.WellKnownTypes.Value.ForBool(_random.Next(2) == 0),
        2 => Google.Protobuf.WellKnownTypes.Value.ForString(Text()),
        3 => Google.Protobuf.WellKnownTypes.Value.ForNumber(double.IsFinite(Double()) ? _random.Next() : 0.5),
        4 => Google.Protobuf.WellKnownTypes.Value.ForStruct((Struct)Make(Struct.Descriptor, depth + 1)),
        _ => Google.Protobuf.WellKnownTypes.Value.ForList([.. Enumerable.Range(0, _random.Next(3)).Select(_ => JsonValue(depth + 1))]),
    };

    private Any AnyOf(int depth)
    {
        MessageDescriptor[] types = [Scalars.Descriptor, Timestamp.Descriptor, Struct.Descriptor, Int64Value.Descriptor, OneOf.Descriptor];
        return Any.Pack(Make(types[_random.Next(types.Length)], depth + 1));
    }

    private object Enum(FieldDescriptor field) => field.EnumType.FullName == "google.protobuf.NullValue"
        ? NullValue.NullValue
        : System.Enum.ToObject(field.EnumType.ClrType, _random.Next(5) == 0 ? 77 : field.EnumType.Values[_random.Next(field.EnumType.Values.Count)].Number);

    private long Integer() => _random.Next(3) == 0 ? _random.NextInt64(long.MinValue, long.MaxValue) : Integers[_random.Next(Integers.Length)];

    private string Text() => Texts[_random.Next(Texts.Length)] + Texts[_random.Next(Texts.Length)];

    private ByteString Bytes()
    {
        var bytes = new byte[_random.Next(40) == 0 ? 10_000 : _random.Next(8)];
        _random.NextBytes(bytes);
        return ByteString.CopyFrom(bytes);
    }

    private double Double() => _random.Next(4) switch
    {
        0 => Finite(BitConverter.Int64BitsToDouble(_random.NextInt64(long.MinValue, long.MaxValue))),
        1 => new[] { 0, 1, -1, 0.1, 1e20, 1e-7, double.MaxValue, double.MinValue, double.Epsilon }[_random.Next(9)],
        2 => new[] { double.NaN, double.PositiveInfinity, double.NegativeInfinity }[_random.Next(3)],
        _ => _random.NextDouble(),
    };

    private float Float() => _random.Next(4) switch
    {
        0 => (float)Finite(BitConverter.Int32BitsToSingle(_random.Next(int.MinValue, int.MaxValue))),
        1 => new[] { 0, 1, -1, 0.1f, 1e20f, 1e-7f, float.MaxValue, float.MinValue, float.Epsilon }[_random.Next(9)],
        2 => new[] { float.NaN, float.PositiveInfinity, float.NegativeInfinity }[_random.Next(3)],
        _ => _random.NextSingle(),
    };

    // There are many NaNs, which differ as messages; JSON has one. Google's forgets the sign of zero.
    private static double Finite(double value) => double.IsNaN(value) ? double.NaN : value == 0 ? 0 : value;

    private int Nanos() => _random.Next(4) switch
    {
        0 => 0,
        1 => _random.Next(1000) * 1_000_000,
        2 => _random.Next(1_000_000) * 1000,
        _ => _random.Next(1_000_000_000),
    };
}
