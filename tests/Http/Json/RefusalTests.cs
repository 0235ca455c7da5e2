using System.Text;
using Anywire.Http.Json;
using CsCheck;
using Google.Protobuf.WellKnownTypes;
using Twite.Contracts;

namespace Anywire.Http.Tests.Json;

/// <summary>What is refused, where, and with which sentence.</summary>
public sealed class RefusalTests
{
    [Theory]
    [InlineData("""{"page":{"limit":99999999999}}""", "page.limit: 99999999999 is no 32-bit integer.")]
    [InlineData("""{"page":{"limit":2147483648}}""", "page.limit: 2147483648 is no 32-bit integer.")]
    [InlineData("""{"page":{"limit":1.5}}""", "page.limit: 1.5 is no 32-bit integer.")]
    [InlineData("""{"page":{"limit":"1 "}}""", "page.limit: 1  is no 32-bit integer.")]
    [InlineData("""{"page":{"limit":""}}""", "page.limit: \"\" is no 32-bit integer.")]
    [InlineData("""{"page":{"limit":"+1"}}""", "page.limit: +1 is no 32-bit integer.")]
    [InlineData("""{"page":{"limit":"01"}}""", "page.limit: 01 is no 32-bit integer.")]
    [InlineData("""{"page":{"limit":"0x1"}}""", "page.limit: 0x1 is no 32-bit integer.")]
    [InlineData("""{"page":{"limit":"1."}}""", "page.limit: 1. is no 32-bit integer.")]
    [InlineData("""{"page":{"limit":"1e"}}""", "page.limit: 1e is no 32-bit integer.")]
    [InlineData("""{"page":{"limit":1e-1}}""", "page.limit: 1e-1 is no 32-bit integer.")]
    [InlineData("""{"page":{"maxId":9223372036854775808}}""", "page.maxId: 9223372036854775808 is no 64-bit integer.")]
    [InlineData("""{"page":{"maxId":"-9223372036854775809"}}""", "page.maxId: -9223372036854775809 is no 64-bit integer.")]
    [InlineData("""{"page":{"maxId":1e999999999999}}""", "page.maxId: 1e999999999999 is no 64-bit integer.")]
    [InlineData("""{"page":{"limit":true}}""", "page.limit: True is given where a number is expected.")]
    [InlineData("""{"page":{"limit":[1]}}""", "page.limit: An array is given where a number is expected.")]
    [InlineData("""{"page":[]}""", "page: An array is given where an object is expected.")]
    [InlineData("""{"page":{"limti":1}}""", "page.limti: Page has no such field.")]
    [InlineData("""{"page":{"limit":1,"limit":2}}""", "page.limit: It is given twice.")]
    [InlineData("""{"page":{"limit":null,"limit":2}}""", "page.limit: It is given twice.")]
    [InlineData("""{"page":{"maxId":1,"max_id":2}}""", "page.max_id: It is given twice.")]
    [InlineData("""{"page":{},"page":{}}""", "page: It is given twice.")]
    [InlineData("[]", "An array is given where an object is expected.")]
    [InlineData("null", "Null is given where an object is expected.")]
    [InlineData("1", "A number is given where an object is expected.")]
    public void Says_which_field_and_which_rule(string json, string sentence) => Assert.Equal(sentence, Codec.Refusal<ListPublicRequest>(json));

    [Theory]
    [InlineData("""{"scalars":{"aUint32":-1}}""", "scalars.aUint32: -1 is no unsigned 32-bit integer.")]
    [InlineData("""{"scalars":{"aUint32":4294967296}}""", "scalars.aUint32: 4294967296 is no unsigned 32-bit integer.")]
    [InlineData("""{"scalars":{"aUint64":"18446744073709551616"}}""", "scalars.aUint64: 18446744073709551616 is no unsigned 64-bit integer.")]
    [InlineData("""{"scalars":{"aFloat":3.5e38}}""", "scalars.aFloat: 3.5e38 is too large for a 32-bit number.")]
    [InlineData("""{"scalars":{"aDouble":1e309}}""", "scalars.aDouble: 1e309 is too large for a 64-bit number.")]
    [InlineData("""{"scalars":{"aDouble":"nan"}}""", "scalars.aDouble: \"nan\" is no number.")]
    [InlineData("""{"scalars":{"aDouble":" 1"}}""", "scalars.aDouble: \" 1\" is no number.")]
    [InlineData("""{"scalars":{"aDouble":""}}""", "scalars.aDouble: \"\" is no number.")]
    [InlineData("""{"scalars":{"aBool":"true"}}""", "scalars.aBool: Text is given where true or false is expected.")]
    [InlineData("""{"scalars":{"aBool":1}}""", "scalars.aBool: A number is given where true or false is expected.")]
    [InlineData("""{"scalars":{"aString":12345}}""", "scalars.aString: A number is given where text is expected.")]
    [InlineData("""{"scalars":{"someBytes":"a"}}""", "scalars.someBytes: It is no base64.")]
    [InlineData("""{"scalars":{"someBytes":"AQ="}}""", "scalars.someBytes: It is no base64.")]
    [InlineData("""{"scalars":{"someBytes":"AQ I="}}""", "scalars.someBytes: It is no base64.")]
    [InlineData("""{"scalars":{"someBytes":"ä"}}""", "scalars.someBytes: It is no base64.")]
    [InlineData("""{"scalars":{"aColour":"red"}}""", "scalars.aColour: \"red\" is no value of Colour.")]
    [InlineData("""{"scalars":{"aColour":1.5}}""", "scalars.aColour: 1.5 is no 32-bit integer.")]
    [InlineData("""{"scalars":{"aColour":true}}""", "scalars.aColour: True is given where the name of a value is expected.")]
    [InlineData("""{"children":[{},{"name":"a"},{"name":1}]}""", "children[2].name: A number is given where text is expected.")]
    [InlineData("""{"children":[{},null]}""", "children[1]: Null is no element.")]
    [InlineData("""{"children":{}}""", "children: An object is given where an array is expected.")]
    [InlineData("""{"lists":{"int64Wrappers":["1",null]}}""", "lists.int64Wrappers[1]: Null is no element.")]
    [InlineData("""{"maps":{"int32s":{"a":1}}}""", "maps.int32s.a: a is no 32-bit integer.")]
    [InlineData("""{"maps":{"bools":{"True":1}}}""", "maps.bools.True: \"True\" is neither true nor false.")]
    [InlineData("""{"maps":{"strings":{"a":"b","a":"c"}}}""", "maps.strings.a: It is given twice.")]
    [InlineData("""{"maps":{"int32s":{"1":1,"1.0":1}}}""", "maps.int32s.1.0: It is given twice.")]
    [InlineData("""{"maps":{"strings":{"a":null}}}""", "maps.strings.a: Null is no value of a map.")]
    [InlineData("""{"maps":{"strings":[]}}""", "maps.strings: An array is given where an object is expected.")]
    [InlineData("""{"oneOf":{"anInt32":1,"aString":"x"}}""", "oneOf.aString: Another field of choice is given too; only one may be.")]
    [InlineData("""{"oneOf":{"aNull":null,"wrapped":1}}""", "oneOf.wrapped: Another field of choice is given too; only one may be.")]
    [InlineData("""{"wellKnown":{"struct":{"a":1,"a":1}}}""", "wellKnown.struct.a: It is given twice.")]
    [InlineData("""{"wellKnown":{"value":1e400}}""", "wellKnown.value: 1e400 is too large for a 64-bit number.")]
    public void Says_so_of_every_kind(string json, string sentence) => Assert.Equal(sentence, Codec.Refusal<Node>(json));

    [Theory]
    [InlineData("", "It is empty; JSON is expected.")]
    [InlineData(" \n", "It is empty; JSON is expected.")]
    [InlineData("{", "It is no JSON from line 1, byte 2 on.")]
    [InlineData("{}{}", "It is no JSON from line 1, byte 3 on.")]
    [InlineData("{} x", "It is no JSON from line 1, byte 4 on.")]
    [InlineData("{\n\"name\":}", "It is no JSON from line 2, byte 8 on.")]
    [InlineData("{\"name\":\"a\",}", "It is no JSON from line 1, byte 13 on.")]
    [InlineData("{name:\"a\"}", "It is no JSON from line 1, byte 2 on.")]
    [InlineData("{'name':'a'}", "It is no JSON from line 1, byte 2 on.")]
    [InlineData("{/*a*/}", "It is no JSON from line 1, byte 2 on.")]
    [InlineData("\uFEFF{}", "It is no JSON from line 1, byte 1 on.")]
    [InlineData("{\"scalars\":{\"aDouble\":NaN}}", "It is no JSON from line 1, byte 23 on.")]
    [InlineData("{\"scalars\":{\"anInt32\":01}}", "It is no JSON from line 1, byte 24 on.")]
    [InlineData("{\"name\":\"a\tb\"}", "It is no JSON from line 1, byte 11 on.")]
    [InlineData("{\"name\":\"\\x41\"}", "It is no JSON from line 1, byte 11 on.")]
    [InlineData("{\"name\":\"\\ud83d\"}", "name: It holds half of a surrogate pair, which is no text.")]
    [InlineData("{\"name\":\"\\udc4d\\ud83d\"}", "name: It holds half of a surrogate pair, which is no text.")]
    [InlineData("{\"\\ud83d\":1}", "\\ud83d: It holds half of a surrogate pair, which is no text.")]
    [InlineData("{\"maps\":{\"strings\":{\"\\ud83d\":\"\"}}}", "maps.strings.\\ud83d: It holds half of a surrogate pair, which is no text.")]
    public void Malformed_JSON(string json, string sentence) => Assert.Equal(sentence, Codec.Refusal<Node>(json));

    [Theory]
    [InlineData(new byte[] { 0xFF })]
    [InlineData(new byte[] { 0xC0, 0x80 })]
    [InlineData(new byte[] { 0xED, 0xA0, 0x80 })]
    [InlineData(new byte[] { 0xF0, 0x9F, 0x91 })]
    public void What_is_no_UTF8_is_refused_wherever_it_is(byte[] wrong)
    {
        foreach (var json in new[] { """{"name":"?"}""", """{"?":1}""", """{"unknown":"?"}""" })
        {
            var bytes = Encoding.UTF8.GetBytes(json);
            var at = Array.IndexOf(bytes, (byte)'?');
            byte[] broken = [.. bytes[..at], .. wrong, .. bytes[(at + 1)..]];
            Assert.Equal("It is no UTF-8.", Assert.Throws<JsonFormatException>(() => Codec.Parse<Node>(broken, Codec.Lenient)).Message);
        }
    }

    [Theory]
    [InlineData("", "{\"left\":")]
    [InlineData("", "{\"children\":[")]
    [InlineData("", "{\"byName\":{\"a\":")]
    [InlineData("{\"wellKnown\":{\"value\":", "[")]
    [InlineData("{\"wellKnown\":{\"struct\":", "{\"a\":")]
    [InlineData("{\"unknown\":", "[")]
    [InlineData("{\"unknown\":", "{\"a\":")]
    [InlineData("{\"anys\":[{\"@type\":\"type.googleapis.com/google.protobuf.Value\",\"value\":", "[")]
    [InlineData("{\"anys\":[", "{\"value\":")]
    public void Ten_thousand_levels_are_refused_before_they_cost_anything(string start, string level)
    {
        var json = Encoding.UTF8.GetBytes(start + string.Concat(Enumerable.Repeat(level, 10_000)));
        var type = Codec.Lenient.Of(Node.Descriptor);
        var before = GC.GetAllocatedBytesForCurrentThread();
        var refusal = Assert.Throws<JsonFormatException>(() => type.Parse(new(json)));
        Assert.Equal("It is nested deeper than 64 levels.", refusal.Message);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 200_000);
    }

    [Fact]
    public void Sixty_four_levels_are_read_and_written_and_one_more_is_not()
    {
        var list = Value.ForList();
        for (var i = 1; i < 64; i++)
        {
            list = Value.ForList(list);
        }
        var json = Codec.Write(list);
        Assert.Equal(list, Codec.Parse<Value>(json));
        Assert.Equal("It is nested deeper than 64 levels.", Codec.Refusal<Value>($"[{json}]"));
        Assert.Equal("It is nested deeper than 64 levels.", Assert.Throws<JsonFormatException>(() => Codec.Write(Value.ForList(list))).Message);
    }

    [Fact]
    public void A_sentence_repeats_little_of_what_was_given()
    {
        var huge = new string('9', 1_000_000);
        foreach (var template in new[]
        {
            """{"scalars":{"anInt32":HUGE}}""", """{"scalars":{"anInt32":"HUGE"}}""", """{"scalars":{"aColour":"xHUGE"}}""",
            """{"HUGE":1}""", """{"wellKnown":{"timestamp":"HUGE"}}""", """{"wellKnown":{"fieldMask":"_HUGE"}}""",
            """{"wellKnown":{"any":{"@type":"HUGE"}}}""", """{"maps":{"int32s":{"HUGE":1}}}""",
            """{"scalars":{"aDouble":"\u001b[31mHUGE"}}""",
        })
        {
            var sentence = Codec.Refusal<Node>(template.Replace("HUGE", huge));
            Assert.InRange(sentence.Length, 10, 200);
            Assert.DoesNotContain(sentence, char.IsControl);
        }
    }

    [Fact]
    public void Of_a_long_path_both_ends_are_shown()
    {
        var json = string.Concat(Enumerable.Repeat("{\"left\":", 40)) + "{\"name\":1}" + new string('}', 40);
        Assert.Equal("left.left.left.left.left.left.….left.left.left.left.left.name: A number is given where text is expected.", Codec.Refusal<Node>(json));
    }

    [Fact]
    public void Whatever_is_given_nothing_but_a_refusal_comes_of_it() =>
        Gen.Select(Gen.Int, Gen.Int).Sample(
            (seed, mutation) =>
            {
                var random = new Random(mutation);
                var json = Mutation.Of(Encoding.UTF8.GetBytes(Codec.Write(RandomMessage.Once(Node.Descriptor, seed))), random);
                foreach (var codec in new[] { Codec.Strict, Codec.Lenient })
                {
                    try
                    {
                        Codec.Parse<Node>(json, codec);
                    }
                    catch (JsonFormatException e)
                    {
                        // Short, and text that can be sent to the caller.
                        Assert.InRange(e.Message.Length, 10, 1_000);
                        Codec.Write(Value.ForString(e.Message));
                    }
                }
            },
            iter: 1_500);
}
