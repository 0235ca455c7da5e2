using System.Buffers;
using Anywire.Tcp.Connections;
using CsCheck;

namespace Anywire.Tcp.Tests;

/// <summary>What has come in parts is what was sent.</summary>
public sealed class PartsBufferTests
{
    [Fact]
    public void It_holds_what_was_added() => Gen.Byte.Array[0, 300].Array[0, 30].Sample(static parts =>
    {
        using var buffer = new PartsBuffer();
        foreach (var part in parts)
        {
            buffer.Add(part);
        }
        Assert.Equal(parts.SelectMany(static p => p), buffer.Written.ToArray());
        Assert.Equal(buffer.Written.Length, buffer.Count);
    });

    [Theory]
    [InlineData(1)]
    [InlineData(32_768)]
    public void It_takes_at_most_twice_what_has_come(int size)
    {
        using var buffer = new PartsBuffer();
        var part = new byte[size];
        var segments = 0;
        for (var count = 0; count < 4 * 1024 * 1024; count += size)
        {
            part.AsSpan().Fill((byte)count);
            buffer.Add(part);
        }
        foreach (var _ in buffer.Written)
        {
            segments++;
        }
        // Each as large as all before it together, until they have a million bytes.
        Assert.InRange(segments, 2, 28);
        Assert.Equal(4 * 1024 * 1024, buffer.Count);
    }
}
