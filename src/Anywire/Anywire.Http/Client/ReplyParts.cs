using System.Buffers;
using System.Text.Json;
using Anywire.Http.Mapping;
using Grpc.Core;

namespace Anywire.Http.Client;

/// <summary>An answer in parts, as the server's <c>ReplyStream</c> writes them. One reader at a time.</summary>
internal abstract class ReplyParts<T>(HttpResponseMessage response, MethodReplies<T> replies) : IAsyncDisposable
    where T : class
{
    private T? _current;
    private bool _ended;

    /// <summary>The message that <see cref="MoveNextAsync"/> moved to.</summary>
    public T Current => _current!;

    /// <summary>The trailers, once the end has been reached.</summary>
    public Metadata Trailers { get; } = [];

    protected MethodReplies<T> Replies => replies;

    /// <summary>Moves to the next message; false when there is none and the call has succeeded.</summary>
    /// <exception cref="RpcException">The call has failed, or the stream broke off before its end.</exception>
    public async Task<bool> MoveNextAsync(CancellationToken cancellationToken)
    {
        if (_ended)
        {
            return false;
        }
        _current = await ReadAsync(cancellationToken);
        return !(_ended = _current is null);
    }

    public virtual ValueTask DisposeAsync()
    {
        response.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>The next message; null at the end of a call that has succeeded.</summary>
    protected abstract Task<T?> ReadAsync(CancellationToken cancellationToken);

    protected T Parse(ReadOnlySequence<byte> payload, bool isProtobuf)
    {
        replies.Sizes.Response(payload.Length);
        return replies.Checked(replies.Codec.Read(payload, isProtobuf));
    }

    protected RpcException BrokenOff() => new(new Status(StatusCode.Unavailable, "The connection was lost before the stream had ended."));

    /// <summary>Takes in how the call ended.</summary>
    /// <exception cref="RpcException">It failed.</exception>
    protected void End(ReadOnlySequence<byte> json)
    {
        using var document = ParseEnd(json);
        var end = document.RootElement;
        if (end.TryGetProperty("trailers", out var trailers) && trailers.ValueKind == JsonValueKind.Object)
        {
            foreach (var trailer in trailers.EnumerateObject().Where(t => t.Value.ValueKind == JsonValueKind.Array))
            {
                foreach (var value in trailer.Value.EnumerateArray().Where(v => v.ValueKind == JsonValueKind.String))
                {
                    MetadataHeaders.Add(Trailers, trailer.Name, value.GetString()!);
                }
            }
        }
        var status = replies.Problems.Read(end, Trailers) ?? throw replies.Failures.Unreadable("its end does not say how the call ended.");
        if (status.StatusCode != StatusCode.OK)
        {
            throw new RpcException(status, Trailers);
        }
    }

    private JsonDocument ParseEnd(ReadOnlySequence<byte> json)
    {
        try
        {
            return JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = 32 });
        }
        catch (JsonException)
        {
            throw replies.Failures.Unreadable("its end is no JSON.");
        }
    }
}
