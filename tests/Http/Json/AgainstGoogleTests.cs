using System.Text;
using CsCheck;
using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace Anywire.Http.Tests.Json;

/// <summary>Random messages, compared both ways with Google's formatter and parser.</summary>
public sealed class AgainstGoogleTests
{
    // Google's counts messages, ours objects and arrays.
    private static readonly JsonParser Parser = new(JsonParser.Settings.Default.WithTypeRegistry(Codec.Types));
    private static readonly JsonFormatter Formatter = new(JsonFormatter.Settings.Default.WithTypeRegistry(Codec.Types));

    public static TheoryData<string> Types => [.. KindsReflection.Descriptor.MessageTypes.Select(t => t.Name)];

    [Theory, MemberData(nameof(Types))]
    public void Ours_reads_what_ours_wrote(string type) =>
        RandomMessage.Of(Descriptor(type)).Sample(m => Equal(m, Ours(type, Codec.Write(m))), iter: 200, print: _ => type);

    [Theory, MemberData(nameof(Types))]
    public void Googles_reads_what_ours_wrote(string type) =>
        RandomMessage.Of(Descriptor(type)).Sample(m => Equal(m, Parser.Parse(Codec.Write(m), Descriptor(type))), iter: 200, print: _ => type);

    [Theory, MemberData(nameof(Types))]
    public void Ours_reads_what_Googles_wrote(string type) =>
        RandomMessage.Of(Descriptor(type)).Sample(m => Equal(Parser.Parse(Formatter.Format(m), Descriptor(type)), Ours(type, Formatter.Format(m))), iter: 200, print: _ => type);

    private static MessageDescriptor Descriptor(string type) => KindsReflection.Descriptor.MessageTypes.Single(t => t.Name == type);

    private static IMessage Ours(string type, string json) =>
        Codec.Strict.Of(Descriptor(type)).Parse(new System.Buffers.ReadOnlySequence<byte>(Encoding.UTF8.GetBytes(json)));

    private static void Equal(IMessage expected, IMessage actual)
    {
        if (!expected.Equals(actual))
        {
            // A random message may be long: what matters is where they part.
            var (one, other) = (Codec.Write(expected), Codec.Write(actual));
            var from = Math.Max(one.Zip(other).TakeWhile(p => p.First == p.Second).Count() - 80, 0);
            Assert.Fail($"…{one[from..Math.Min(one.Length, from + 160)]}\nbut\n…{other[from..Math.Min(other.Length, from + 160)]}");
        }
    }
}
