using Anywire.Http.Json;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;

namespace Anywire.Http.Tests.Json;

/// <summary>Where ours and Google's C# part, each on purpose. When one of these fails after an update of Google.Protobuf, the two have come closer.</summary>
public sealed class DifferenceTests
{
    private static readonly JsonParser Google = new(JsonParser.Settings.Default.WithTypeRegistry(Codec.Types));

    [Theory]
    // The specification lets the last one win. Who sends a field twice has made a mistake, and two readers of one text may see different fields.
    [InlineData("Scalars", """{"anInt32":1,"anInt32":2}""")]
    [InlineData("Maps", """{"strings":{"a":"b","a":"c"}}""")]
    [InlineData("WellKnown", """{"struct":{"a":1,"a":2}}""")]
    // White space is not in base64's alphabet.
    [InlineData("Scalars", """{"someBytes":"A Q=="}""")]
    // Empty paths are none.
    [InlineData("WellKnown", """{"fieldMask":"a,,b"}""")]
    public void Googles_reads_and_ours_refuses(string type, string json)
    {
        Assert.Null(Record.Exception(() => Google.Parse(json, KindsReflection.Descriptor.MessageTypes.Single(t => t.Name == type))));
        Assert.IsType<JsonFormatException>(Record.Exception(() => Ours(type, json)));
    }

    [Theory]
    // Null is not set, so several members that are null contradict nothing.
    [InlineData("OneOf", """{"aString":null,"scalars":null}""")]
    // The specification: either alphabet, with or without padding.
    [InlineData("Scalars", """{"someBytes":"-_8="}""")]
    [InlineData("Scalars", """{"someBytes":"+/8"}""")]
    // The specification says nothing; C++ and Java read it.
    [InlineData("Scalars", """{"aColour":"1"}""")]
    public void Ours_reads_and_Googles_refuses(string type, string json)
    {
        Assert.NotNull(Record.Exception(() => Google.Parse(json, KindsReflection.Descriptor.MessageTypes.Single(t => t.Name == type))));
        Assert.Null(Record.Exception(() => Ours(type, json)));
    }

    [Fact]
    public void Googles_writes_Empty_in_an_Any_with_a_value_and_ours_reads_that_too()
    {
        var any = Any.Pack(new Empty());
        var theirs = new JsonFormatter(JsonFormatter.Settings.Default.WithTypeRegistry(Codec.Types)).Format(any);
        Assert.Contains("value", theirs);
        Assert.Equal(any, Codec.Parse<Any>(theirs));
        Assert.Equal("""{"@type":"type.googleapis.com/google.protobuf.Empty"}""", Codec.Write(any));
    }

    [Fact]
    public void Googles_forgets_the_sign_of_zero() =>
        Assert.DoesNotContain("-0", JsonFormatter.Default.Format(new Scalars { ADouble = -0.0 }));

    [Fact]
    public void Googles_refuses_empty_names_in_a_Struct() =>
        Assert.ThrowsAny<Exception>(() => JsonFormatter.Default.Format(new Struct { Fields = { [""] = Value.ForBool(true) } }));

    private static IMessage Ours(string type, string json) =>
        Codec.Strict.Of(KindsReflection.Descriptor.MessageTypes.Single(t => t.Name == type)).Parse(new(System.Text.Encoding.UTF8.GetBytes(json)));
}
