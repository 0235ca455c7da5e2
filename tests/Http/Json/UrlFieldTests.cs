using Anywire.Http.Json;
using Anywire.Http.Json.Text;
using CsCheck;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Twite.Contracts;

namespace Anywire.Http.Tests.Json;

/// <summary>Fields in the path and query of a URL.</summary>
public sealed class UrlFieldTests
{
    [Theory]
    [InlineData("page.limit")]
    [InlineData("page.maxId")]
    [InlineData("page.max_id")]
    public void Either_form_of_a_name_is_found_and_messages_on_the_way_are_made(string path)
    {
        var request = new ListPublicRequest();
        var found = Path<ListPublicRequest>(path);
        Assert.Null(found.Text(request));
        found.Set(request, "42");
        Assert.Equal("42", found.Text(request));
        Assert.Equal(42, request.Page.MaxId + request.Page.Limit);
        Assert.DoesNotContain('_', found.Name);
    }

    [Theory]
    [InlineData("scalars.anInt32", "-5")]
    [InlineData("scalars.aUint64", "18446744073709551615")]
    [InlineData("scalars.aDouble", "1E+20")]
    [InlineData("scalars.aDouble", "NaN")]
    [InlineData("scalars.aBool", "true")]
    [InlineData("scalars.aBool", "false")]
    [InlineData("scalars.aString", "größe & more")]
    [InlineData("scalars.someBytes", "+/8=")]
    [InlineData("scalars.aColour", "GREEN")]
    [InlineData("scalars.aColour", "77")]
    [InlineData("optionals.aString", "")]
    [InlineData("wellKnown.timestamp", "2026-11-25T04:05:00.123Z")]
    [InlineData("wellKnown.duration", "-1.500s")]
    [InlineData("wellKnown.fieldMask", "aB,c.dE")]
    [InlineData("wellKnown.int64Value", "-9223372036854775808")]
    [InlineData("wellKnown.stringValue", "")]
    [InlineData("left.left.name", "deep")]
    public void Set_and_read_back(string path, string text)
    {
        var node = new Node();
        Path<Node>(path).Set(node, text);
        Assert.Equal(text, Path<Node>(path).Text(node));
    }

    [Fact]
    public void A_list_grows()
    {
        var request = new ListByIdsRequest();
        var reader = new UrlFieldReader(Codec.Strict.Of(ListByIdsRequest.Descriptor), request);
        reader.Set("ids", "3");
        reader.Set("ids", "1");
        Assert.Equal([3L, 1], request.Ids);
    }

    [Fact]
    public void A_field_without_presence_is_always_set()
    {
        Assert.Equal("0", Path<GetRequest>("id").Text(new GetRequest()));
        Assert.Null(Path<Optionals>("anInt32").Text(new Optionals()));
        Assert.Null(Path<WellKnown>("int32Value").Text(new WellKnown()));
    }

    [Theory]
    [InlineData("maps.strings", "maps.strings: A map cannot be a part of a URL.")]
    [InlineData("lists.messages", "lists.messages: A list of messages cannot be a part of a URL.")]
    [InlineData("children", "children: A list of messages cannot be a part of a URL.")]
    [InlineData("left", "left: A message (Node) cannot be a part of a URL.")]
    [InlineData("wellKnown.struct", "wellKnown.struct: A message (Struct) cannot be a part of a URL.")]
    [InlineData("wellKnown.any", "wellKnown.any: A message (Any) cannot be a part of a URL.")]
    [InlineData("nothing", "nothing: Node has no such field.")]
    [InlineData("name.more", "name.more: Node has no such field.")]
    [InlineData("children.name", "children.name: Node has no such field.")]
    [InlineData("wellKnown.timestamp.seconds", "wellKnown.timestamp.seconds: Node has no such field.")]
    [InlineData("", "Node has no such field.")]
    [InlineData("left.", "left.: Node has no such field.")]
    public void What_fits_in_no_URL_is_refused(string path, string sentence) =>
        Assert.Equal(sentence, Assert.Throws<JsonFormatException>(() => Path<Node>(path)).Message);

    [Fact]
    public void A_path_through_a_message_that_holds_itself_is_bounded()
    {
        var deep = string.Concat(Enumerable.Repeat("left.", 70)) + "name";
        Assert.Throws<JsonFormatException>(() => Path<Node>(deep));
    }

    [Theory]
    [InlineData("page.limit", "99999999999", "page.limit: 99999999999 is no 32-bit integer.")]
    [InlineData("page.limit", "", "page.limit: \"\" is no 32-bit integer.")]
    [InlineData("page.maxId", "1.5", "page.maxId: 1.5 is no 64-bit integer.")]
    [InlineData("page.limti", "1", "page.limti: ListPublicRequest has no such field.")]
    public void A_wrong_parameter_is_refused_with_its_name(string name, string text, string sentence) =>
        Assert.Equal(sentence, Refusal(new ListPublicRequest(), (name, text)));

    [Fact]
    public void Twice_is_refused_in_either_form() =>
        Assert.Equal("page.maxId: It is given twice.", Refusal(new ListPublicRequest(), ("page.max_id", "1"), ("page.maxId", "1")));

    [Fact]
    public void Two_members_of_a_oneof_are_refused()
    {
        Assert.Equal("aString: Another field of choice is given too; only one may be.", Refusal(new OneOf(), ("anInt32", "1"), ("aString", "x")));
        Assert.Equal("oneOf.anInt32: Another field of oneOf.choice is given too; only one may be.",
            Refusal(new Node(), ("oneOf.scalars.aBool", "true"), ("oneOf.scalars.aString", "x"), ("oneOf.anInt32", "1")));
    }

    [Fact]
    public void Half_a_surrogate_pair_is_no_text() =>
        Assert.Equal("aString: It holds half of a surrogate pair, which is no text.", Refusal(new Scalars(), ("aString", "a\ud83d")));

    [Fact]
    public void What_comes_in_the_body_cannot_be_in_the_URL()
    {
        var type = Codec.Strict.Of(Node.Descriptor);
        var reader = new UrlFieldReader(type, new Node(), type.Field("scalars"));
        reader.Set("name", "a");
        Assert.Equal("scalars.aBool: It comes in the body, so it cannot be in the URL.",
            Assert.Throws<JsonFormatException>(() => reader.Set("scalars.aBool", "true")).Message);
    }

    [Fact]
    public void A_lenient_reader_passes_over_what_it_does_not_know()
    {
        var request = new ListPublicRequest();
        new UrlFieldReader(Codec.Lenient.Of(ListPublicRequest.Descriptor), request).Set("colour", "red");
        Assert.Equal(new ListPublicRequest(), request);
    }

    [Fact]
    public void Parameters_are_what_is_set()
    {
        var node = new Node
        {
            Name = "n",
            Left = new Node { Name = "below", Lists = new Lists { Int64S = { 1, 0 }, Colours = { Colour.Red, (Colour)9 }, StringWrappers = { "" } } },
            Optionals = new Optionals { AnInt32 = 0 },
            WellKnown = new WellKnown { Duration = new Duration { Seconds = 2 }, Uint32Value = 7 },
            OneOf = new OneOf(),
        };
        Assert.Equal(
            "left.name=below left.lists.int64s=1 left.lists.int64s=0 left.lists.colours=RED left.lists.colours=9 left.lists.stringWrappers= "
            + "optionals.anInt32=0 wellKnown.duration=2s",
            Query(node, name => name is "name" or "wellKnown.uint32Value"));
    }

    [Theory]
    [InlineData("maps.strings: A map cannot be a part of a URL.")]
    [InlineData("children: A list of messages cannot be a part of a URL.")]
    [InlineData("wellKnown.struct: A message (Struct) cannot be a part of a URL.")]
    public void Parameters_that_fit_in_no_URL_are_refused_unless_they_are_elsewhere(string sentence)
    {
        var node = sentence[0] switch
        {
            'm' => new Node { Maps = new Maps { Strings = { ["a"] = "b" } } },
            'c' => new Node { Children = { new Node() } },
            _ => new Node { WellKnown = new WellKnown { Struct = new Struct() } },
        };
        Assert.Equal(sentence, Assert.Throws<JsonFormatException>(() => Query(node, _ => false)).Message);
        Assert.Equal("", Query(node, name => sentence.StartsWith($"{name}:", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("Scalars")]
    [InlineData("Optionals")]
    public void What_parameters_say_is_read_back(string type)
    {
        var descriptor = KindsReflection.Descriptor.MessageTypes.Single(t => t.Name == type);
        RandomMessage.Of(descriptor).Sample(message =>
        {
            var read = Codec.Strict.Of(descriptor).NewMessage();
            var reader = new UrlFieldReader(Codec.Strict.Of(descriptor), read);
            foreach (var (name, text) in UrlFieldWriter.Parameters(Codec.Strict.Of(descriptor), message, _ => false))
            {
                reader.Set(name, text);
            }
            return read.Equals(message);
        }, iter: 300, print: _ => type);
    }

    private static FieldPath Path<T>(string path)
        where T : IMessage, new() => FieldPath.Parse(Codec.Strict.Of(new T().Descriptor), path);

    private static string Query(IMessage message, Predicate<string> isElsewhere) =>
        string.Join(' ', UrlFieldWriter.Parameters(Codec.Strict.Of(message.Descriptor), message, isElsewhere).Select(p => $"{p.Key}={p.Value}"));

    private static string Refusal(IMessage message, params (string Name, string Text)[] parameters) => Assert.Throws<JsonFormatException>(() =>
    {
        var reader = new UrlFieldReader(Codec.Strict.Of(message.Descriptor), message);
        foreach (var (name, text) in parameters)
        {
            reader.Set(name, text);
        }
    }).Message;
}
