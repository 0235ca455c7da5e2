using System.Diagnostics.CodeAnalysis;
using Anywire.Messaging.Format;
using CsCheck;
using Grpc.Core;

namespace Anywire.Messaging.Tests;

/// <summary>A message in bytes, as the README states it.</summary>
public sealed class MessageFormatTests
{
    private static readonly Gen<string> Text = Gen.String[Gen.Char["aé世 \0\n"], 0, 20];

    private static readonly Gen<Metadata> Metadatas = Gen.Select(Gen.String[Gen.Char["abc-09"], 1, 8], Gen.String[Gen.Char["xyz ,"], 0, 8], Gen.Byte.Array[0, 8])
        .List[0, 4].Select(entries =>
        {
            var metadata = new Metadata();
            foreach (var (key, value, bytes) in entries)
            {
                metadata.Add(new Metadata.Entry($"k{key}", value));
                metadata.Add(new Metadata.Entry($"k{key}-bin", bytes));
            }
            return metadata;
        });

    [Fact]
    public void A_request_is_these_bytes()
    {
        var writer = new MessageWriter(MessageKind.Request, new CallId(0x0102030405060708, 9), "web", "accounts", null);
        new RequestHead("/a.B/C", DateTime.UnixEpoch.AddMilliseconds(1_000), 64, new Metadata { { "k", "v" }, { "b-bin", [255] } }).Write(writer);
        writer.Body(Marshallers.Create(static (byte[] b) => b, static b => b), [7, 8]);
        Assert.Equal(
            "01" + "01" + "00000000" + "0102030405060708" + "0000000000000009" + "03776562" + "086163636F756E7473"
            + "00000006" + "2F612E422F43" + "00000000000003E8" + "00000040"
            + "00000002" + "016B" + "0000000176" + "05622D62696E" + "00000001FF"
            + "0708",
            Convert.ToHexString(writer.Finish().Span));
        Assert.Equal(2, writer.BodyLength);
    }

    [Fact]
    public void What_was_written_is_read() => Gen.Select(Gen.ULong, Gen.ULong, Text, Metadatas, Gen.Int[0, int.MaxValue], Gen.Byte.Array[0, 50]).Sample((instance, number, text, metadata, credit, body) =>
    {
        var head = new RequestHead(text, DateTime.UnixEpoch.AddMilliseconds(1 + (credit * 1_000L)), credit, metadata);
        var writer = new MessageWriter(MessageKind.Request, new CallId(instance, number), "web", text, null);
        head.Write(writer);
        writer.Body(Marshallers.Create(static (byte[] b) => b, static b => b), body);
        var reader = new MessageReader(writer.Finish());
        var read = RequestHead.Read(reader);
        Assert.Equal((MessageKind.Request, new CallId(instance, number), "web", text), (reader.Kind, reader.Call, reader.Sender, reader.Receiver));
        Assert.Equal(head with { Metadata = null }, read with { Metadata = null });
        Assert.Equal(metadata.Select(Shown), read.Metadata!.Select(Shown));
        Assert.Equal(body, reader.Rest.ToArray());
    });

    [Fact]
    public void An_end_that_was_written_is_read() => Gen.Select(Gen.Int[0, 16], Text, Metadatas, Gen.UInt, Gen.Bool).Sample((code, text, trailers, items, hasReply) =>
    {
        var writer = new MessageWriter(MessageKind.End, new CallId(1, 2), "accounts", "web", null);
        new CallEnd(new Status((StatusCode)code, text), trailers, items, hasReply).Write(writer);
        var read = CallEnd.Read(new MessageReader(writer.Finish()));
        Assert.Equal(((StatusCode)code, text, items, hasReply), (read.Status.StatusCode, read.Status.Detail, read.Items, read.HasReply));
        Assert.Equal(trailers.Select(Shown), read.Trailers.Select(Shown));
    });

    [Fact]
    [SuppressMessage("Usage", "CA1806", Justification = "Reading is what is tried.")]
    public void Any_bytes_are_read_or_refused_in_words() => Gen.OneOf(
        Gen.Byte.Array[0, 200],
        // Close to a message, since most bytes are refused at the first.
        Gen.Select(Gen.Byte.Array[0, 100], Gen.Byte[1, 7]).Select(pair => (byte[])[1, pair.Item2, .. new byte[20], 1, 97, 1, 98, .. pair.Item1])).Sample(bytes =>
    {
        try
        {
            var reader = new MessageReader(bytes);
            _ = reader.Kind == MessageKind.End ? (object)CallEnd.Read(reader) : RequestHead.Read(reader);
        }
        catch (MalformedMessageException refused)
        {
            Assert.NotEmpty(refused.Message);
        }
    }, iter: 20_000);

    private static string Shown(Metadata.Entry entry) => entry.IsBinary ? $"{entry.Key}={Convert.ToHexString(entry.ValueBytes)}" : $"{entry.Key}={entry.Value}";
}
