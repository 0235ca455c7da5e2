using Anywire.Tcp.Format;
using CsCheck;

namespace Anywire.Tcp.Tests;

/// <summary>What reading a payload may allocate, whatever it says of itself.</summary>
public sealed class AllocationTests
{
    // Of each entry of metadata: two objects, a key and a value; each byte becomes a character at most.
    private const int Entry = 400;

    [Fact]
    public void A_payload_allocates_by_what_it_has_and_never_by_what_it_announces()
    {
        // Small numbers, so that entries and lengths come far.
        var bytes = Gen.OneOf(Gen.Byte, Gen.Byte[0, 3], Gen.Byte[97, 122]).Array[0, 2_000];
        bytes.Sample(
            payload =>
            {
                // What went wrong says so in an exception, which has a size of its own.
                const int Failure = 8 * 1024;
                var before = GC.GetAllocatedBytesForCurrentThread();
                TryRead(payload);
                return GC.GetAllocatedBytesForCurrentThread() - before <= Failure + 4 * payload.Length + Entry * Math.Min(payload.Length / 3, MetadataFormat.MaxEntries);
            },
            iter: 20_000, threads: 1);
    }

    private static void TryRead(byte[] payload)
    {
        try
        {
            StatusFormat.Read(payload);
        }
        catch (ProtocolException)
        {
            // Refused.
        }
    }
}
