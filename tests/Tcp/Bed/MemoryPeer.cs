namespace Anywire.Tcp.Tests.Bed;

/// <summary>A peer in memory: says what it was made with, and does not listen.</summary>
/// <param name="bytes">What it says.</param>
/// <param name="atOnce">How many bytes arrive together.</param>
/// <param name="endsOpen">Whether it falls silent afterwards; otherwise it leaves.</param>
internal sealed class MemoryPeer(ReadOnlyMemory<byte> bytes, int atOnce = int.MaxValue, bool endsOpen = false) : DeafPeer
{
    private ReadOnlyMemory<byte> _rest = bytes;

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_rest.IsEmpty && endsOpen)
        {
            return new ValueTask<int>(new TaskCompletionSource<int>().Task);
        }
        var count = Math.Min(Math.Min(buffer.Length, _rest.Length), atOnce);
        _rest[..count].CopyTo(buffer);
        _rest = _rest[count..];
        return new ValueTask<int>(count);
    }
}
