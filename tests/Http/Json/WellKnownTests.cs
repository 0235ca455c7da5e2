using Anywire.Http.Json;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;

namespace Anywire.Http.Tests.Json;

/// <summary>The types that JSON shows in a form of their own.</summary>
public sealed class WellKnownTests
{
    [Theory]
    [InlineData("1970-01-01T00:00:00Z", 0, 0, "1970-01-01T00:00:00Z")]
    [InlineData("0001-01-01T00:00:00Z", -62_135_596_800, 0, "0001-01-01T00:00:00Z")]
    [InlineData("9999-12-31T23:59:59.999999999Z", 253_402_300_799, 999_999_999, "9999-12-31T23:59:59.999999999Z")]
    [InlineData("2024-02-29T12:00:00.1Z", 1_709_208_000, 100_000_000, "2024-02-29T12:00:00.100Z")]
    [InlineData("2024-02-29T12:00:00.000001Z", 1_709_208_000, 1_000, "2024-02-29T12:00:00.000001Z")]
    [InlineData("2024-02-29T12:00:00.000000001Z", 1_709_208_000, 1, "2024-02-29T12:00:00.000000001Z")]
    [InlineData("2024-02-29T14:30:00+02:30", 1_709_208_000, 0, "2024-02-29T12:00:00Z")]
    [InlineData("2024-02-28T23:00:00-13:00", 1_709_208_000, 0, "2024-02-29T12:00:00Z")]
    [InlineData("1969-12-31T23:59:59.5Z", -1, 500_000_000, "1969-12-31T23:59:59.500Z")]
    public void Timestamps(string text, long seconds, int nanos, string written)
    {
        var timestamp = Codec.Parse<Timestamp>($"\"{text}\"");
        Assert.Equal(new Timestamp { Seconds = seconds, Nanos = nanos }, timestamp);
        Assert.Equal($"\"{written}\"", Codec.Write(timestamp));
    }

    [Theory]
    [InlineData("")]
    [InlineData("2024-02-29")]
    [InlineData("2024-02-29T12:00:00")]
    [InlineData("2024-02-29t12:00:00Z")]
    [InlineData("2024-02-29T12:00:00z")]
    [InlineData("2024-02-29 12:00:00Z")]
    [InlineData("2023-02-29T12:00:00Z")]
    [InlineData("2024-13-01T12:00:00Z")]
    [InlineData("2024-00-01T12:00:00Z")]
    [InlineData("2024-01-00T12:00:00Z")]
    [InlineData("2024-01-01T24:00:00Z")]
    [InlineData("2024-01-01T12:60:00Z")]
    [InlineData("2024-01-01T23:59:60Z")]
    [InlineData("2024-01-01T12:00:00.Z")]
    [InlineData("2024-01-01T12:00:00.1234567890Z")]
    [InlineData("2024-01-01T12:00:00,5Z")]
    [InlineData("2024-01-01T12:00:00+1:00")]
    [InlineData("2024-01-01T12:00:00+24:00")]
    [InlineData("2024-01-01T12:00:00+0100")]
    [InlineData("2024-01-01T12:00:00ZZ")]
    [InlineData("0000-01-01T00:00:00Z")]
    [InlineData("0001-01-01T00:00:00+00:01")]
    [InlineData("9999-12-31T23:59:59-00:01")]
    [InlineData("10000-01-01T00:00:00Z")]
    [InlineData("-001-01-01T00:00:00Z")]
    [InlineData("２０２４-01-01T00:00:00Z")]
    public void No_timestamps(string text) => Assert.Equal(
        $"timestamp: \"{text}\" is no RFC 3339 time such as 2026-11-25T04:05:00Z.", Codec.Refusal<WellKnown>($$"""{"timestamp":"{{text}}"}""").Replace("\"\"\"\"", "\"\""));

    [Theory]
    [InlineData("0s", 0, 0, "0s")]
    [InlineData("1s", 1, 0, "1s")]
    [InlineData("-1.5s", -1, -500_000_000, "-1.500s")]
    [InlineData("-0.000001s", 0, -1_000, "-0.000001s")]
    [InlineData("0.000000001s", 0, 1, "0.000000001s")]
    [InlineData("315576000000.999999999s", 315_576_000_000, 999_999_999, "315576000000.999999999s")]
    [InlineData("-315576000000s", -315_576_000_000, 0, "-315576000000s")]
    public void Durations(string text, long seconds, int nanos, string written)
    {
        var duration = Codec.Parse<Duration>($"\"{text}\"");
        Assert.Equal(new Duration { Seconds = seconds, Nanos = nanos }, duration);
        Assert.Equal($"\"{written}\"", Codec.Write(duration));
    }

    [Theory]
    [InlineData("1")]
    [InlineData("s")]
    [InlineData("-s")]
    [InlineData("1 s")]
    [InlineData("+1s")]
    [InlineData("--1s")]
    [InlineData(".5s")]
    [InlineData("1.s")]
    [InlineData("1.1234567890s")]
    [InlineData("1e3s")]
    [InlineData("1S")]
    [InlineData("315576000001s")]
    [InlineData("9999999999999s")]
    public void No_durations(string text) =>
        Assert.Equal($"duration: \"{text}\" is no duration such as 1.5s.", Codec.Refusal<WellKnown>($$"""{"duration":"{{text}}"}"""));

    [Theory]
    [InlineData("", new string[0])]
    [InlineData("a", new[] { "a" })]
    [InlineData("userName,photo.sizeX,a1", new[] { "user_name", "photo.size_x", "a1" })]
    public void FieldMasks(string text, string[] paths)
    {
        var mask = Codec.Parse<FieldMask>($"\"{text}\"");
        Assert.Equal(paths, mask.Paths);
        Assert.Equal($"\"{text}\"", Codec.Write(mask));
    }

    [Theory]
    [InlineData("user_name")]
    [InlineData("a,,b")]
    [InlineData("a, b")]
    [InlineData("a,")]
    public void No_field_masks(string text) => Assert.StartsWith("fieldMask: ", Codec.Refusal<WellKnown>($$"""{"fieldMask":"{{text}}"}"""));

    [Theory]
    [InlineData("userName")]
    [InlineData("user__name")]
    [InlineData("user_")]
    [InlineData("user_1")]
    [InlineData("")]
    public void Paths_that_would_not_come_back_are_not_written(string path) =>
        Assert.Throws<JsonFormatException>(() => Codec.Write(new FieldMask { Paths = { path } }));

    [Theory]
    [InlineData("null")]
    [InlineData("true")]
    [InlineData("1.5")]
    [InlineData("\"NaN\"")]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("""{"a":[1,"b",{"c":null}],"":false}""")]
    public void Values(string json)
    {
        Assert.Equal(json, Codec.Write(Codec.Parse<Value>(json)));
        Assert.Equal($$"""{"value":{{json}}}""", Codec.Write(Codec.Parse<WellKnown>($$"""{"value":{{json}}}""")));
    }

    [Fact]
    public void Values_without_a_form_are_not_written()
    {
        foreach (var value in new[] { new Value(), Value.ForNumber(double.NaN), Value.ForNumber(double.PositiveInfinity) })
        {
            Assert.Throws<JsonFormatException>(() => Codec.Write(value));
        }
    }

    [Fact]
    public void Messages_beyond_their_range_are_not_written()
    {
        foreach (IMessage message in new IMessage[]
        {
            new Timestamp { Seconds = 253_402_300_800 }, new Timestamp { Seconds = -62_135_596_801 }, new Timestamp { Nanos = -1 }, new Timestamp { Nanos = 1_000_000_000 },
            new Duration { Seconds = 315_576_000_001 }, new Duration { Seconds = 1, Nanos = -1 }, new Duration { Seconds = -1, Nanos = 1 },
            new Duration { Nanos = 1_000_000_000 }, new Scalars { AString = "\ud83d" }, new Maps { Strings = { ["\ud83d"] = "" } },
        })
        {
            Assert.Throws<JsonFormatException>(() => Codec.Write(message));
        }
    }

    [Theory]
    [InlineData("""{"@type":"type.googleapis.com/anywire.http.tests.Scalars","anInt32":1}""")]
    [InlineData("""{"@type":"example.org/x/anywire.http.tests.Scalars"}""")]
    [InlineData("""{"@type":"type.googleapis.com/google.protobuf.Timestamp","value":"1970-01-01T00:00:00Z"}""")]
    [InlineData("""{"@type":"type.googleapis.com/google.protobuf.Int64Value","value":"5"}""")]
    [InlineData("""{"@type":"type.googleapis.com/google.protobuf.Struct","value":{"a":1}}""")]
    [InlineData("""{"@type":"type.googleapis.com/google.protobuf.Value","value":null}""")]
    [InlineData("""{"@type":"type.googleapis.com/google.protobuf.Empty"}""")]
    [InlineData("""{"@type":"type.googleapis.com/google.protobuf.Any","value":{"@type":"type.googleapis.com/google.protobuf.Duration","value":"1s"}}""")]
    [InlineData("{}")]
    public void Anys(string json) => Assert.Equal($$"""{"any":{{json}}}""", Codec.Write(Codec.Parse<WellKnown>($$"""{"any":{{json}}}""")));

    [Theory]
    [InlineData("""{"anInt32":1,"@type":"type.googleapis.com/anywire.http.tests.Scalars"}""")]
    [InlineData("""{"an_int32":1,"\u0040type":"type.googleapis.com/anywire.http.tests.Scalars"}""")]
    public void The_type_of_an_Any_may_come_last(string json) => Assert.Equal(1, Codec.Parse<Any>(json).Unpack<Scalars>().AnInt32);

    [Theory]
    [InlineData("""{"a":1}""", "any.a: Its @type is missing.")]
    [InlineData("""{"@type":1}""", "any.@type: A number is given where the name of a type is expected.")]
    [InlineData("""{"@type":"type.googleapis.com/no.Such"}""", "any: \"type.googleapis.com/no.Such\" is no type that is known here.")]
    [InlineData("""{"@type":"anywire.http.tests.Scalars"}""", "any: \"anywire.http.tests.Scalars\" is no type that is known here.")]
    [InlineData("""{"@type":"t/anywire.http.tests.Scalars","x":1}""", "any.x: Scalars has no such field.")]
    [InlineData("""{"@type":"t/anywire.http.tests.Scalars","value":{}}""", "any.value: Scalars has no such field.")]
    [InlineData("""{"@type":"t/anywire.http.tests.Scalars","@type":"t/anywire.http.tests.Scalars"}""", "any.@type: It is given twice.")]
    [InlineData("""{"@type":"t/google.protobuf.Duration"}""", "any: Its value is missing.")]
    [InlineData("""{"@type":"t/google.protobuf.Duration","value":"1s","value":"1s"}""", "any.value: It is given twice.")]
    [InlineData("""{"@type":"t/google.protobuf.Duration","value":"1s","x":1}""", "any.x: An Any of this type has only @type and value.")]
    [InlineData("""{"value":"x","@type":"t/google.protobuf.Duration"}""", "any.value: \"x\" is no duration such as 1.5s.")]
    public void No_anys(string json, string sentence) => Assert.Equal(sentence, Codec.Refusal<WellKnown>($$"""{"any":{{json}}}"""));

    [Fact]
    public void An_Any_of_a_type_that_is_not_known_or_with_other_bytes_is_not_written()
    {
        var other = new Any { TypeUrl = "type.googleapis.com/anywire.http.tests.Scalars", Value = ByteString.CopyFrom(0xFF) };
        Assert.Equal("An Any holds no Scalars, though it says so.", Assert.Throws<JsonFormatException>(() => Codec.Write(other)).Message);
        Assert.Throws<JsonFormatException>(() => Codec.Write(new Any { TypeUrl = "t/no.Such" }));
    }

    [Theory]
    [InlineData("""{"boolValue":false,"stringValue":"","bytesValue":"","doubleValue":0,"floatValue":"NaN","int32Value":0,"uint32Value":0,"int64Value":"0","uint64Value":"0"}""")]
    [InlineData("""{"empty":{}}""")]
    public void Wrappers_and_Empty_that_are_set_are_written(string json) => Assert.Equal(json, Codec.Write(Codec.Parse<WellKnown>(json)));

    [Fact]
    public void Empty_has_no_fields() => Assert.Equal("value: Empty has no such field.", Codec.Refusal<Empty>("""{"value":{}}"""));
}
