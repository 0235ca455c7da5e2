using System.Text;
using Twite.Web.Live;

namespace Twite.Web.Tests.Live;

/// <summary>A reader of a live stream that writes down what it is shown, and can be made slow.</summary>
internal sealed class RecordedStream : IAsyncDisposable
{
    private readonly CancellationTokenSource _leaving = new();
    private readonly Lock _gate = new();
    private readonly List<StreamEvent> _events = [];
    private readonly List<long> _marks = [];
    private readonly SemaphoreSlim _room;

    public RecordedStream(LiveStreams streams, StreamRequest request, IChangeRenderer renderer, int? roomFor)
    {
        _room = new SemaphoreSlim(roomFor ?? int.MaxValue);
        Admission = streams.Join(request, renderer, out var audience);
        Assert.Equal(StreamAdmission.Admitted, Admission);
        Ended = RunAsync(streams, audience, request);
    }

    public StreamAdmission Admission { get; }

    /// <summary>Completes when the stream has ended.</summary>
    public Task Ended { get; }

    /// <summary>Everything shown, in order.</summary>
    public IReadOnlyList<StreamEvent> Events
    {
        get
        {
            lock (_gate)
            {
                return [.. _events];
            }
        }
    }

    /// <summary>The ids of the changes shown, in order.</summary>
    public IReadOnlyList<long> Ids => [.. Events.Select(e => e.Id).Where(id => id > 0)];

    /// <summary>Marks stated without an event: the start, and heartbeats.</summary>
    public IReadOnlyList<long> Marks
    {
        get
        {
            lock (_gate)
            {
                return [.. _marks];
            }
        }
    }

    /// <summary>What a browser would send as Last-Event-ID.</summary>
    public long LastEventId { get; private set; }

    /// <summary>Reads so many more batches.</summary>
    public void Read(int batches = 1_000_000) => _room.Release(batches);

    public async ValueTask DisposeAsync()
    {
        await _leaving.CancelAsync();
        await Ended;
    }

    private async Task RunAsync(LiveStreams streams, Audience audience, StreamRequest request)
    {
        try
        {
            await streams.RunAsync(audience, request, WriteAsync, _leaving.Token);
        }
        catch (OperationCanceledException) when (_leaving.IsCancellationRequested)
        {
            // How a reader leaves.
        }
        finally
        {
            streams.Leave(request, audience);
        }
    }

    private async ValueTask<bool> WriteAsync(IReadOnlyList<StreamFrame> frames, CancellationToken cancellationToken)
    {
        await _room.WaitAsync(cancellationToken);
        lock (_gate)
        {
            foreach (var frame in frames)
            {
                if (frame.Id > 0)
                {
                    LastEventId = frame.Id;
                }
                if (frame.Event is not null)
                {
                    _events.Add(frame.Event);
                    Assert.StartsWith(frame.Id > 0 ? $"id: {frame.Id}\nevent: " : "event: ", Encoding.UTF8.GetString(frame.Frame.Span), StringComparison.Ordinal);
                }
                else if (!frame.Frame.Span.SequenceEqual(ServerSentEvents.Comment.Span))
                {
                    _marks.Add(frame.Id);
                }
            }
        }
        return true;
    }
}
