using System.Buffers;
using System.Text;
using Anywire.Http.Json;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Twite.Contracts;

namespace Anywire.Http.Tests.Json;

/// <summary>What is read as what: the rules of https://protobuf.dev/programming-guides/json/, one by one.</summary>
public sealed class ReadingTests
{
    [Theory]
    [InlineData("1")]
    [InlineData("\"1\"")]
    [InlineData("1.0")]
    [InlineData("100e-2")]
    [InlineData("0.1e1")]
    [InlineData("\"1e0\"")]
    [InlineData("10.00E-1")]
    public void An_integer_may_be_spelt_in_any_exact_way(string number)
    {
        Assert.Equal(1, Codec.Parse<Scalars>($$"""{"anInt32":{{number}}}""").AnInt32);
        Assert.Equal(1u, Codec.Parse<Scalars>($$"""{"aUint32":{{number}}}""").AUint32);
        Assert.Equal(1L, Codec.Parse<Scalars>($$"""{"anInt64":{{number}}}""").AnInt64);
        Assert.Equal(1UL, Codec.Parse<Scalars>($$"""{"aUint64":{{number}}}""").AUint64);
    }

    [Theory]
    [InlineData("1e3", 1000)]
    [InlineData("-1e3", -1000)]
    [InlineData("1.5e1", 15)]
    [InlineData("-0", 0)]
    [InlineData("0e99999999999999999999", 0)]
    [InlineData("9223372036854775807", long.MaxValue)]
    [InlineData("-9223372036854775808", long.MinValue)]
    [InlineData("\"-9223372036854775808\"", long.MinValue)]
    [InlineData("922337203685477580.7e1", long.MaxValue)]
    [InlineData("9007199254740993", 9007199254740993)]
    public void A_64_bit_integer_keeps_every_digit(string number, long expected) =>
        Assert.Equal(expected, Codec.Parse<Scalars>($$"""{"anInt64":{{number}}}""").AnInt64);

    [Theory]
    [InlineData("18446744073709551615", ulong.MaxValue)]
    [InlineData("\"18446744073709551615\"", ulong.MaxValue)]
    [InlineData("1e19", 10_000_000_000_000_000_000)]
    [InlineData("-0", 0)]
    public void An_unsigned_64_bit_integer_keeps_every_digit(string number, ulong expected) =>
        Assert.Equal(expected, Codec.Parse<Scalars>($$"""{"aUint64":{{number}}}""").AUint64);

    [Theory]
    [InlineData("aFloat", "3.4028235e38")]
    [InlineData("aFloat", "\"1.5\"")]
    [InlineData("aDouble", "1.7976931348623157e308")]
    [InlineData("aDouble", "\"-1e-7\"")]
    [InlineData("aDouble", "1e-400")]
    [InlineData("aDouble", "\"NaN\"")]
    [InlineData("aDouble", "\"Infinity\"")]
    [InlineData("aFloat", "\"-Infinity\"")]
    public void A_float_may_be_a_number_or_quoted(string field, string number) =>
        Assert.Equal(Google<Scalars>($$"""{"{{field}}":{{number}}}"""), Codec.Parse<Scalars>($$"""{"{{field}}":{{number}}}"""));

    [Theory]
    [InlineData("")]
    [InlineData("+/+/")]
    [InlineData("-_-_")]
    [InlineData("+/+/AQ==")]
    [InlineData("-_-_AQ")]
    [InlineData("-_-_AQ==")]
    [InlineData("+_-/AQ")]
    [InlineData("AQI")]
    [InlineData("AQI=")]
    // The last two bits are nobody's: protobuf's conformance suite has them set.
    [InlineData("-_")]
    public void Base64_may_have_either_alphabet_and_padding_or_not(string text)
    {
        var plain = text.Replace('-', '+').Replace('_', '/').TrimEnd('=');
        var expected = Convert.FromBase64String(plain.PadRight((plain.Length + 3) / 4 * 4, '='));
        Assert.Equal(expected, Codec.Parse<Scalars>($$"""{"someBytes":"{{text}}"}""").SomeBytes.ToByteArray());
    }

    [Theory]
    [InlineData("\"RED\"", Colour.Red)]
    [InlineData("\"BELOW\"", Colour.Below)]
    [InlineData("2", Colour.Green)]
    [InlineData("77", (Colour)77)]
    [InlineData("-77", (Colour)(-77))]
    [InlineData("1e0", Colour.Red)]
    public void An_enum_may_be_a_name_or_a_number_known_or_not(string json, Colour expected) =>
        Assert.Equal(expected, Codec.Parse<Scalars>($$"""{"aColour":{{json}}}""").AColour);

    [Theory]
    [InlineData("""{"anInt32":1,"aString":"x","other-name":"y"}""")]
    [InlineData("""{"an_int32":1,"a_string":"x","renamed":"y"}""")]
    [InlineData("""{"renamed":"y","a_string":"x","anInt32":1}""")]
    [InlineData("""{"\u0061nInt32":1,"aStr\u0069ng":"x","other\u002dname":"y"}""")]
    [InlineData(" {\t\"anInt32\" :\r\n1 , \"aString\": \"x\",\"other-name\":\"y\" } ")]
    public void Names_may_be_in_lowerCamelCase_or_original_in_any_order(string json) =>
        Assert.Equal(new Scalars { AnInt32 = 1, AString = "x", Renamed = "y" }, Codec.Parse<Scalars>(json));

    [Theory]
    [InlineData("""{"scalars":null,"name":null,"children":null,"byName":null,"oneOf":{"aString":null}}""")]
    [InlineData("""{"wellKnown":{"timestamp":null,"int32Value":null,"any":null,"struct":null,"list":null},"oneOf":{}}""")]
    public void Null_means_not_set(string json)
    {
        var node = Codec.Parse<Node>(json);
        Assert.Equal(Google<Node>(json), node);
        Assert.Equal(OneOf.ChoiceOneofCase.None, node.OneOf.ChoiceCase);
    }

    [Fact]
    public void Null_is_a_value_of_Value_and_NullValue()
    {
        Assert.Equal(OneOf.ChoiceOneofCase.ANull, Codec.Parse<OneOf>("""{"aNull":null}""").ChoiceCase);
        Assert.Equal(OneOf.ChoiceOneofCase.ANull, Codec.Parse<OneOf>("""{"aNull":"NULL_VALUE"}""").ChoiceCase);
        Assert.Equal(Value.KindOneofCase.NullValue, Codec.Parse<OneOf>("""{"value":null}""").Value.KindCase);
        Assert.Equal(2, Codec.Parse<Lists>("""{"values":[null,1]}""").Values.Count);
        Assert.Equal(2, Codec.Parse<Lists>("""{"nulls":[null,null]}""").Nulls.Count);
        Assert.Equal(Value.ForNull(), Codec.Parse<Maps>("""{"values":{"a":null}}""").Values["a"]);
        Assert.Equal(Value.ForNull(), Codec.Parse<Value>("null"));
    }

    [Fact]
    public void Of_a_oneof_the_members_that_are_null_do_not_count() =>
        Assert.Equal(3, Codec.Parse<OneOf>("""{"aString":null,"anInt32":3,"scalars":null}""").AnInt32);

    [Fact]
    public void Unknown_fields_are_passed_over_by_who_asks_for_it() =>
        Assert.Equal(new Scalars { AnInt32 = 1 },
            Codec.Parse<Scalars>("""{"new":{"a":[1,{"b":null}],"c":"\ud800"},"anInt32":1,"newer":2}"""u8.ToArray(), Codec.Lenient));

    [Fact]
    public void Names_that_an_enum_does_not_have_are_passed_over_by_who_asks_for_it()
    {
        Assert.Equal(new Scalars { AnInt32 = 1 }, Codec.Parse<Scalars>("""{"aColour":"BLUE","anInt32":1}"""u8.ToArray(), Codec.Lenient));
        Assert.Equal([Colour.Red, Colour.Green], Codec.Parse<Lists>("""{"colours":["RED","BLUE",2]}"""u8.ToArray(), Codec.Lenient).Colours);
        Assert.Equal([true], Codec.Parse<Maps>("""{"bools":{"false":"BLUE","true":"RED"}}"""u8.ToArray(), Codec.Lenient).Bools.Keys);
        Assert.Equal(OneOf.ChoiceOneofCase.None, Codec.Parse<OneOf>("""{"aColour":"BLUE"}"""u8.ToArray(), Codec.Lenient).ChoiceCase);
    }

    [Fact]
    public void Keys_of_every_kind()
    {
        var maps = Codec.Parse<Maps>(
            """{"int32s":{"-1":1},"sint32s":{"1e1":"x"},"uint32s":{"4294967295":"AQ"},"int64s":{"-9223372036854775808":"5"},"bools":{"true":"RED","false":2},"strings":{"":""}}""");
        Assert.Equal(1, maps.Int32S[-1]);
        Assert.Equal("x", maps.Sint32S[10]);
        Assert.Equal(1, maps.Uint32S[uint.MaxValue][0]);
        Assert.Equal(5, maps.Int64S[long.MinValue]);
        Assert.Equal((Colour.Red, Colour.Green), (maps.Bools[true], maps.Bools[false]));
        Assert.Equal("", maps.Strings[""]);
    }

    [Fact]
    public void A_text_in_pieces_is_read_like_one_in_one_piece()
    {
        var json = """{"name":"größe","children":[{"name":"\ud83d\udc4d"},{"scalars":{"anInt64":"-9223372036854775808"}}]}""";
        var bytes = Encoding.UTF8.GetBytes(json);
        for (var size = 1; size < 9; size++)
        {
            Assert.Equal(Codec.Parse<Node>(json), Codec.Strict.Of(Node.Descriptor).Parse(Pieces.Of(bytes, size)));
        }
    }

    [Fact]
    public void Reading_into_a_message_replaces_what_is_given_and_keeps_the_rest()
    {
        var node = new Node { Name = "kept", Left = new Node { Name = "kept too" }, Scalars = new Scalars { AnInt32 = 1 } };
        Merge(node, """{"left":{"scalars":{"aBool":true}},"scalars":null}""");
        Assert.Equal(new Node { Name = "kept", Left = new Node { Name = "kept too", Scalars = new Scalars { ABool = true } } }, node);
        var change = new Change { Id = 1, Posted = new Message { Id = 1 } };
        Merge(change, """{"deleted":null}""");
        Assert.NotNull(change.Posted);
        Merge(change, """{"posted":null}""");
        Assert.Equal(Change.WhatOneofCase.None, change.WhatCase);
    }

    [Theory]
    [InlineData("scalars", """{"anInt32":5}""")]
    [InlineData("name", "\"x\"")]
    [InlineData("children", """[{"name":"a"},{}]""")]
    [InlineData("byName", """{"a":{"name":"b"}}""")]
    [InlineData("by_name", """{"a":{"name":"b"}}""")]
    public void One_field_alone_is_read_and_written(string name, string json)
    {
        var (field, node) = (Codec.Strict.Of(Node.Descriptor).Field(name)!, new Node());
        field.Merge(new ReadOnlySequence<byte>(Encoding.UTF8.GetBytes(json)), node);
        Assert.Equal(Google<Node>($$"""{"{{name}}":{{json}}}"""), node);
        Assert.Equal(json, Alone(field, node));
        field.Merge(new ReadOnlySequence<byte>("null"u8.ToArray()), node);
        Assert.Equal(new Node(), node);
    }

    [Theory]
    [InlineData("scalars", "null")]
    [InlineData("name", "\"\"")]
    [InlineData("children", "[]")]
    [InlineData("byName", "{}")]
    public void One_field_alone_that_is_not_set_has_a_form_too(string name, string json) =>
        Assert.Equal(json, Alone(Codec.Strict.Of(Node.Descriptor).Field(name)!, new Node()));

    private static string Alone(JsonField field, IMessage message)
    {
        var buffer = new ArrayBufferWriter<byte>();
        field.WriteValue(buffer, message);
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static void Merge(IMessage message, string json) =>
        Codec.Strict.Of(message.Descriptor).Merge(new ReadOnlySequence<byte>(Encoding.UTF8.GetBytes(json)), message);

    private static T Google<T>(string json)
        where T : IMessage, new() => JsonParser.Default.Parse<T>(json);
}
