using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Twite.Contracts;
using Twite.Web.Live;
using Twite.Web.Tests.Network;

namespace Twite.Web.Tests.Live;

/// <summary>A front end's live feed on services in memory, with a clock moved by hand.</summary>
internal sealed class LiveSetup : IAsyncDisposable
{
    private readonly LiveUpdatesService.LiveUpdatesServiceClient _receiver;
    private readonly List<RecordedStream> _readers = [];

    private LiveSetup(FakeNetwork network, LiveFeed feed)
    {
        (Network, Feed) = (network, feed);
        _receiver = new LiveUpdatesService.LiveUpdatesServiceClient(network.Connect("web"));
    }

    public FakeNetwork Network { get; }

    public required FakeMessages Messages { get; init; }

    public required FakeAccounts Accounts { get; init; }

    public required FakeFollows Follows { get; init; }

    public required FakeNotifications Notifications { get; init; }

    public required FakeTimeProvider Time { get; init; }

    public LiveFeed Feed { get; }

    public TextRenderer Renderer { get; } = new();

    public static async Task<LiveSetup> StartAsync(LiveOptions? options = null, FakeMessages? messages = null, bool ready = true)
    {
        var network = new FakeNetwork();
        messages ??= new FakeMessages();
        var (accounts, follows, notifications, time) = (new FakeAccounts(), new FakeFollows(), new FakeNotifications(), new FakeTimeProvider());
        await network.ListenAsync("accounts", new(AccountsService.Descriptor, b => AccountsService.BindService(b, accounts)));
        await network.ListenAsync("messages", new(MessagesService.Descriptor, b => MessagesService.BindService(b, messages)));
        await network.ListenAsync("follows", new(FollowsService.Descriptor, b => FollowsService.BindService(b, follows)));
        await network.ListenAsync("notifications", new(NotificationsService.Descriptor, b => NotificationsService.BindService(b, notifications)));
        var feed = new LiveFeed(
            new TwiteClients(network), options ?? new LiveOptions { ReceiverAddress = "inproc:web" }, NullLoggerFactory.Instance, time);
        await network.ListenAsync("web", feed.Receiver);
        var setup = new LiveSetup(network, feed) { Accounts = accounts, Messages = messages, Follows = follows, Notifications = notifications, Time = time };
        feed.Start();
        if (ready)
        {
            // The first reading finds the mark; the lease, whose epoch is new to the feed, makes it read once more.
            await Eventually.HoldsAsync(() => feed.Readiness.IsReady && notifications.Lease is not null && messages.Readings >= 2);
        }
        return setup;
    }

    /// <summary>Lets the front end have an update.</summary>
    public async Task PushAsync(params LiveUpdate[] updates)
    {
        foreach (var update in updates)
        {
            await _receiver.PushAsync(update.Clone());
        }
    }

    /// <summary>Posts and pushes; the message's id.</summary>
    public async Task<long> PostAsync(long authorId)
    {
        var post = Messages.Post(authorId);
        await PushAsync(Notifications.Number(post));
        return post.Message.Id;
    }

    /// <summary>Opens a stream and waits until it is live.</summary>
    public async Task<RecordedStream> OpenAsync(StreamRequest request, int? roomFor = null)
    {
        var reader = Open(request, roomFor);
        await Eventually.HoldsAsync(() => reader.Marks.Count > 0, Time);
        return reader;
    }

    /// <summary>Opens a stream.</summary>
    public RecordedStream Open(StreamRequest request, int? roomFor = null)
    {
        var reader = new RecordedStream(Feed.Streams, request, Renderer, roomFor);
        _readers.Add(reader);
        return reader;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var reader in _readers)
        {
            await reader.DisposeAsync();
        }
        var disposing = Feed.DisposeAsync().AsTask();
        await Eventually.HoldsAsync(() => disposing.IsCompleted, Time);
        await disposing;
    }
}

/// <summary>Renders the least there is.</summary>
internal sealed class TextRenderer : IChangeRenderer
{
    private int _rendered;

    /// <summary>How many events were rendered.</summary>
    public int Rendered => Volatile.Read(ref _rendered);

    /// <summary>What to throw instead, while set.</summary>
    public Func<StreamEvent, Exception?> Fault { get; set; } = _ => null;

    public ValueTask<IReadOnlyList<RenderedEvent?>> RenderAsync(IReadOnlyList<StreamEvent> events, CancellationToken cancellationToken)
    {
        Interlocked.Add(ref _rendered, events.Count);
        if (events.Select(Fault).FirstOrDefault(fault => fault is not null) is { } thrown)
        {
            throw thrown;
        }
        return new([.. events.Select(e => e switch
        {
            StreamEvent.Posted posted => new RenderedEvent("update", posted.Message.Text),
            StreamEvent.Deleted deleted => new RenderedEvent("delete", $"{deleted.MessageId}"),
            StreamEvent.Skipped skipped => new RenderedEvent("skipped", $"{skipped.UpToId}"),
            StreamEvent.Notified => new RenderedEvent("notification", Encoding.UTF8.GetBytes("n")),
            _ => null,
        })]);
    }
}

/// <summary>Never has a result.</summary>
internal sealed class HangingRenderer : IChangeRenderer
{
    private int _asked;
    private int _most;

    /// <summary>How many events it was asked to render at once, at most.</summary>
    public int Most => Volatile.Read(ref _most);

    /// <summary>How often it was asked for one.</summary>
    public int Asked => Volatile.Read(ref _asked);

    public async ValueTask<IReadOnlyList<RenderedEvent?>> RenderAsync(IReadOnlyList<StreamEvent> events, CancellationToken cancellationToken)
    {
        _most = Math.Max(_most, events.Count);
        Interlocked.Increment(ref _asked);
        await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
        return [];
    }
}
