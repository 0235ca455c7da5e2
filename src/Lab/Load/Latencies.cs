using System.IO.Compression;
using HdrHistogram;
using HdrHistogram.Utilities;

namespace Twite.Lab.Load;

/// <summary>How long operations took, in nanoseconds, to three digits, up to a minute (longer counts as a minute). Recording is for any thread;
/// reading is for when that has ended.</summary>
internal sealed class Latencies
{
    private const long Longest = 60_000_000_000;
    private const int Digits = 3;
    // A cookie and the length of what follows.
    private const int CompressedHeader = 8;

    private readonly HistogramBase _histogram;

    public Latencies()
        : this(new LongConcurrentHistogram(1, Longest, Digits))
    {
    }

    private Latencies(HistogramBase histogram) => _histogram = histogram;

    /// <summary>How many were recorded.</summary>
    public long Count => _histogram.TotalCount;

    /// <summary>The longest, in microseconds.</summary>
    public double Max => Count == 0 ? 0 : _histogram.GetMaxValue() / 1_000.0;

    /// <summary>Records one.</summary>
    /// <param name="nanoseconds">How long it took; what is below one counts as one.</param>
    public void Record(long nanoseconds) => _histogram.RecordValue(Math.Clamp(nanoseconds, 1, Longest));

    /// <summary>What so many percent took at most, in microseconds.</summary>
    public double Percentile(double percent) => Count == 0 ? 0 : _histogram.GetValueAtPercentile(percent) / 1_000.0;

    /// <summary>In HdrHistogram's compressed format (V2).</summary>
    public byte[] Encode()
    {
        var buffer = ByteBuffer.Allocate(_histogram.GetNeededByteBufferCapacity());
        var length = _histogram.EncodeIntoCompressedByteBuffer(buffer);
        buffer.Position = 0;
        var encoded = new byte[length];
        for (var i = 0; i < length; i++)
        {
            encoded[i] = buffer.Get();
        }
        return encoded;
    }

    /// <summary>Reads <see cref="Encode"/>'s format.</summary>
    public static Latencies Decode(byte[] encoded)
    {
        // The library's own way takes what one read of the decompressor gives for all there is, so it fails for histograms of many values.
        using var compressed = new MemoryStream(encoded, CompressedHeader, encoded.Length - CompressedHeader);
        using var decompressor = new ZLibStream(compressed, CompressionMode.Decompress);
        using var bytes = new MemoryStream();
        decompressor.CopyTo(bytes);
        return new Latencies(HistogramEncoding.DecodeFromByteBuffer(ByteBuffer.Allocate(bytes.ToArray()), Longest));
    }
}
