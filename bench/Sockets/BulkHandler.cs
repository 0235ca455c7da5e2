using Google.Protobuf;
using Grpc.Core;

namespace Twite.Bench.Sockets;

/// <summary>Sends much.</summary>
internal sealed class BulkHandler : Bulk.BulkBase
{
    private static readonly Bytes Small = new() { Body = ByteString.CopyFrom(new byte[1024]) };
    private static readonly Bytes Large = new() { Body = ByteString.CopyFrom(new byte[4 * 1024 * 1024]) };

    private long _written;

    /// <summary>Messages of streams written so far.</summary>
    public long Written => Interlocked.Read(ref _written);

    public override async Task Watch(Bytes request, IServerStreamWriter<Bytes> responseStream, ServerCallContext context)
    {
        while (!context.CancellationToken.IsCancellationRequested)
        {
            await responseStream.WriteAsync(Small, context.CancellationToken);
            Interlocked.Increment(ref _written);
        }
    }

    public override Task<Bytes> Fetch(Bytes request, ServerCallContext context) => Task.FromResult(Large);
}
