using System.Text;
using Anywire.Tcp.Format;
using CsCheck;
using Grpc.Core;
using Twite.Faults;

namespace Anywire.Tcp.Tests;

/// <summary>Metadata that is recognised as the last call's is what it would have been read as.</summary>
public sealed class RequestMetadataTests
{
    [Fact]
    public void What_is_recognised_is_what_is_read()
    {
        // Few different bytes and lengths, so that some are the same as the last, begin as it does, or end too early.
        var entry = Gen.Select(Gen.String[Gen.Char["ab"], 1, 2], Gen.String[Gen.Char["xy"], 0, 2]);
        var written = entry.Array[0, 2].Select(Write);
        var torn = Gen.Byte[0, 3].Array[0, 4];
        var message = Gen.Byte[0, 3].Array[0, 4];
        Gen.Select(Gen.OneOf(written, torn), message, (metadata, rest) => (byte[])[.. metadata, .. rest]).Array[1, 12].Sample(
            payloads =>
            {
                var connection = new RequestMetadata();
                return payloads.All(payload => Read(connection.Read, payload) == Read(Anew, payload));
            },
            iter: LongForm.IsRequested ? 1_000_000 : 20_000, threads: 1);
    }

    [Fact]
    public void The_same_again_is_made_once_and_another_is_another()
    {
        var connection = new RequestMetadata();
        var ann = Entries(connection, Write([("anywire-caller", "ann")]));
        Assert.Same(ann, Entries(connection, Write([("anywire-caller", "ann")])));
        Assert.Equal("bob", Entries(connection, Write([("anywire-caller", "bob")]))!.Single().Value);
        Assert.Null(Entries(connection, Write([])));
        Assert.Equal("ann", ann!.Single().Value);
    }

    [Fact]
    public void What_is_large_is_not_kept()
    {
        var connection = new RequestMetadata();
        var large = Write([("key", new string('x', RequestMetadata.MaxKept))]);
        Assert.NotSame(Entries(connection, large), Entries(connection, large));
    }

    private static Metadata.Entry[]? Entries(RequestMetadata connection, byte[] bytes)
    {
        var reader = new PayloadReader(bytes);
        return connection.Read(ref reader);
    }

    private static Metadata.Entry[]? Anew(ref PayloadReader reader) => MetadataFormat.Read(ref reader)?.ToArray();

    private static string Read(Reading read, byte[] payload)
    {
        var reader = new PayloadReader(payload);
        try
        {
            var entries = read(ref reader);
            return $"{string.Join(',', (entries ?? []).Select(e => $"{e.Key}={(e.IsBinary ? Convert.ToHexString(e.ValueBytes) : e.Value)}"))} {Convert.ToHexString(reader.Rest)}";
        }
        catch (ProtocolException refusal)
        {
            return refusal.Message;
        }
    }

    private static byte[] Write((string Key, string Value)[] entries)
    {
        var bytes = new List<byte> { 0, (byte)entries.Length };
        foreach (var (key, value) in entries)
        {
            bytes.AddRange([(byte)key.Length, .. Encoding.ASCII.GetBytes(key), (byte)(value.Length >> 8), (byte)value.Length, .. Encoding.ASCII.GetBytes(value)]);
        }
        return [.. bytes];
    }

    private delegate Metadata.Entry[]? Reading(ref PayloadReader reader);
}
