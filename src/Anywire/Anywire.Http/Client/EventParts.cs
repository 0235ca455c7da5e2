using System.Buffers;
using System.Net.ServerSentEvents;
using Anywire.Http.Server;

namespace Anywire.Http.Client;

/// <summary>A stream in JSON, as server-sent events.</summary>
internal sealed class EventParts<T> : ReplyParts<T>
    where T : class
{
    private readonly CancellationTokenSource _stop = new();
    private readonly IAsyncEnumerator<SseItem<byte[]>> _events;

    public EventParts(HttpResponseMessage response, Stream stream, MethodReplies<T> replies)
        : base(response, replies)
    {
        var bounded = new BoundedEvents(stream, replies.MaxPartBytes(isProtobuf: false), replies.TooLarge);
        _events = SseParser.Create(bounded, static (_, data) => data.ToArray()).EnumerateAsync(_stop.Token).GetAsyncEnumerator();
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await _events.DisposeAsync();
        _stop.Dispose();
    }

    protected override async Task<T?> ReadAsync(CancellationToken cancellationToken)
    {
        await using var cancel = cancellationToken.UnsafeRegister(static s => ((CancellationTokenSource)s!).Cancel(), _stop);
        if (!await _events.MoveNextAsync())
        {
            throw BrokenOff();
        }
        var data = new ReadOnlySequence<byte>(_events.Current.Data);
        if (_events.Current.EventType != ReplyStream.EndEvent)
        {
            return Parse(data, isProtobuf: false);
        }
        End(data);
        return null;
    }
}
