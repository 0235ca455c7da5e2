using System.Buffers;
using System.Reflection;
using System.Text;
using Anywire.Http.Json;
using CsCheck;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Twite.Contracts;

namespace Anywire.Http.Tests.Json;

/// <summary>What is written, to the byte.</summary>
public sealed class WritingTests
{
    [Fact]
    public void Every_scalar() => Assert.Equal(
        """{"anInt32":-1,"aSint32":-2,"aSfixed32":-3,"aUint32":4294967295,"aFixed32":5,"anInt64":"-6","aSint64":"-7","aSfixed64":"-8","aUint64":"18446744073709551615","aFixed64":"10","aFloat":0.1,"aDouble":1E+300,"aBool":true,"aString":"s","someBytes":"+/8=","aColour":"RED","other-name":"r"}""",
        Codec.Write(new Scalars
        {
            AnInt32 = -1, ASint32 = -2, ASfixed32 = -3, AUint32 = uint.MaxValue, AFixed32 = 5, AnInt64 = -6, ASint64 = -7, ASfixed64 = -8, AUint64 = ulong.MaxValue,
            AFixed64 = 10, AFloat = 0.1f, ADouble = 1e300, ABool = true, AString = "s", SomeBytes = ByteString.CopyFrom(0xFB, 0xFF), AColour = Colour.Red, Renamed = "r",
        }));

    [Fact]
    public void What_has_its_default_value_is_left_out_where_presence_is_not_tracked()
    {
        Assert.Equal("{}", Codec.Write(new Scalars()));
        Assert.Equal("{}", Codec.Write(new Node()));
        Assert.Equal("""{"left":{}}""", Codec.Write(new Node { Left = new Node() }));
        Assert.Equal(
            """{"anInt32":0,"anInt64":"0","aBool":false,"aString":"","someBytes":"","aColour":"COLOUR_UNSPECIFIED","aNull":null}""",
            Codec.Write(new Optionals { AnInt32 = 0, AnInt64 = 0, ABool = false, AString = "", SomeBytes = ByteString.Empty, AColour = Colour.Unspecified, ANull = Google.Protobuf.WellKnownTypes.NullValue.NullValue }));
        Assert.Equal("""{"anInt32":0}""", Codec.Write(new OneOf { AnInt32 = 0 }));
    }

    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("\"\\/", "\\\"\\\\/")]
    [InlineData("\b\f\n\r\t", "\\b\\f\\n\\r\\t")]
    [InlineData("\0\u0001\u001f\u007f", "\\u0000\\u0001\\u001f\u007f")]
    [InlineData("größe 日本語 👍 <b>&'+", "größe 日本語 👍 <b>&'+")]
    public void Only_what_must_be_escaped_is(string text, string written)
    {
        Assert.Equal($$"""{"aString":"{{written}}"}""", Codec.Write(new Scalars { AString = text }));
        Assert.Equal("{\"strings\":{\"" + written + "\":\"\"}}", Codec.Write(new Maps { Strings = { [text] = "" } }));
    }

    [Fact]
    public void Minus_zero_keeps_its_sign()
    {
        var message = new Scalars { ADouble = -0.0, AFloat = -0f };
        Assert.Equal("""{"aFloat":-0,"aDouble":-0}""", Codec.Write(message));
        Assert.Equal(message, Codec.Parse<Scalars>("""{"aFloat":-0,"aDouble":-0}"""));
    }

    [Fact]
    public void Buffers_that_give_little_at_a_time_get_the_same() => RandomMessage.Of(Node.Descriptor).Sample(
        message =>
        {
            var buffer = new MeanBuffer();
            Codec.Strict.Of(Node.Descriptor).Write(buffer, message);
            return Encoding.UTF8.GetString(buffer.Written) == Codec.Write(message);
        },
        iter: 50, print: m => m.CalculateSize().ToString());

    [Fact]
    public void One_codec_serves_many_threads_from_the_start()
    {
        var expected = Codec.Write(new Node { Name = "a", Left = new Node { Lists = new Lists { Int32S = { 1 } } } });
        for (var i = 0; i < 20; i++)
        {
            var codec = new JsonCodec();
            Parallel.For(0, 8, _ =>
            {
                var read = Codec.Parse<Node>(Encoding.UTF8.GetBytes(expected), codec);
                Assert.Equal("a", read.Name);
            });
        }
    }

    [Fact]
    public void A_message_of_another_type_is_a_mistake_of_the_caller() =>
        Assert.Throws<InvalidCastException>(() => Codec.Strict.Of(Node.Descriptor).Write(new ArrayBufferWriter<byte>(), new Scalars()));

    public static TheoryData<string> Contracts => [.. AllContracts.Keys];

    [Theory, MemberData(nameof(Contracts))]
    public void The_contracts_of_the_network_come_back_as_they_were(string type) => RandomMessage.Of(AllContracts[type]).Sample(
        message =>
        {
            var json = Codec.Write(message);
            var read = Codec.Strict.Of(message.Descriptor).Parse(new ReadOnlySequence<byte>(Encoding.UTF8.GetBytes(json)));
            return read.Equals(message) && JsonParser.Default.Parse(json, message.Descriptor).Equals(message);
        },
        iter: 20, print: _ => type);

    private static IReadOnlyDictionary<string, MessageDescriptor> AllContracts { get; } = typeof(AccountsReflection).Assembly.GetTypes()
        .Where(t => t.Name.EndsWith("Reflection", StringComparison.Ordinal))
        .Select(t => t.GetProperty("Descriptor", BindingFlags.Public | BindingFlags.Static)?.GetValue(null))
        .OfType<FileDescriptor>().SelectMany(f => f.MessageTypes).ToDictionary(t => t.Name);

    private sealed class MeanBuffer : IBufferWriter<byte>
    {
        private readonly List<byte> _written = [];
        private byte[] _span = [];

        public byte[] Written => [.. _written];

        public void Advance(int count) => _written.AddRange(_span[..count]);

        public Memory<byte> GetMemory(int sizeHint = 0) => _span = new byte[Math.Max(sizeHint, 1)];

        public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;
    }
}
