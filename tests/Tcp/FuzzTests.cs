using Anywire.Tcp.Format;
using Anywire.Tcp.Tests.Bed;
using CsCheck;
using Grpc.Core;
using Twite.Faults;

namespace Anywire.Tcp.Tests;

/// <summary>Bytes that nobody meant: no crash, no hang, nothing kept beyond the bounds.</summary>
public sealed class FuzzTests
{
    // Ten million in the long form, over all that are read here.
    private static readonly int Inputs = LongForm.IsRequested ? 3_400_000 : 20_000;

    private static readonly Gen<byte[]> Payloads = Gen.Byte.Array[0, 300];

    [Fact]
    public void A_payload_is_read_or_refused()
    {
        Payloads.Sample(
            bytes =>
            {
                Read(() =>
                {
                    var reader = new PayloadReader(bytes);
                    var metadata = MetadataFormat.Read(ref reader);
                    return (metadata?.Count ?? 0) <= MetadataFormat.MaxEntries;
                });
                Read(() => StatusFormat.Read(bytes).Status.Detail.Length <= bytes.Length);
                Read(() => bytes.Length < Hello.FrameSize || Hello.Read(bytes).Window > 0);
            },
            iter: Inputs, threads: 1);
    }

    [Fact]
    public void A_header_is_what_was_written()
    {
        Gen.Select(Gen.Byte[0, 15], Gen.Byte[0, 15], Gen.Int[0, 0xFF_FFFF], Gen.UInt).Sample(
            (kind, flags, length, call) =>
            {
                var header = new FrameHeader((FrameKind)kind, (FrameFlags)(flags << 4), length, call);
                Span<byte> bytes = stackalloc byte[FrameHeader.Size];
                header.Write(bytes);
                return FrameHeader.Read(bytes) == header;
            },
            iter: Inputs, threads: 1);
    }

    [Fact]
    public void Metadata_and_a_status_are_read_as_they_were_written()
    {
        var keys = Gen.String[Gen.Char["abcxyz0189-_."], 1, 20];
        var entries = Gen.Select(keys, Gen.String[0, 20], Gen.Byte.Array[0, 20], Gen.Bool, (key, text, bytes, isBinary) =>
            isBinary ? new Metadata.Entry(key + "-bin", bytes) : new Metadata.Entry(key.EndsWith("-bin", StringComparison.Ordinal) ? key + "x" : key, text));
        Gen.Select(Gen.Int[0, 16], Gen.String[0, 50], entries.Array[0, 8]).Sample(
            (code, detail, all) =>
            {
                var trailers = new Metadata();
                foreach (var entry in all)
                {
                    trailers.Add(entry);
                }
                using var output = new OutputBuffer(64);
                StatusFormat.Write(output, new Status((StatusCode)code, detail), trailers);
                var (status, read) = StatusFormat.Read(output.Written);
                // What is no text in UTF-16 becomes some in UTF-8.
                Assert.Equal((StatusCode)code, status.StatusCode);
                Assert.Equal(all.Length, read?.Count ?? 0);
                Assert.All(all.Zip(read ?? []), static pair => Assert.Equal(pair.First.Key, pair.Second.Key));
            },
            iter: Inputs, threads: 1);
    }

    [Fact]
    public async Task A_server_outlives_whatever_comes_after_a_hello()
    {
        await using var bed = await TcpBed.OpenAsync();
        var good = RawPeer.Bytes(RawPeer.Method("Say") + RawPeer.Call(1, "0A 02 68 69") + RawPeer.Method("Count") + RawPeer.Frame(3, 0, 2, "0001 FFFFFFFF 0000") + RawPeer.Frame(5, 0, 2, ""));
        var random = new Random(141);
        for (var i = 0; i < (LongForm.IsRequested ? 20_000 : 300); i++)
        {
            var bytes = (byte[])good.Clone();
            for (var changes = random.Next(1, 5); changes > 0; changes--)
            {
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            }
            using var peer = bed.Dial();
            await peer.SendAsync(RawPeer.Hello);
            await peer.SendAsync(bytes);
        }
        await bed.AssertServesAsync();
        await Wait.UntilAsync(() => bed.Server.CallsInFlight == 0, "nothing is left of any of them");
        Assert.DoesNotContain("failed", bed.Log.Text, StringComparison.Ordinal);
    }

    private static void Read(Func<bool> read)
    {
        try
        {
            Assert.True(read());
        }
        catch (ProtocolException)
        {
            // Refused.
        }
    }
}
