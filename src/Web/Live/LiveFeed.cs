using System.Threading.Channels;
using Anywire;
using Grpc.Core;
using Microsoft.Extensions.Logging;
using Twite.Contracts;

namespace Twite.Web.Live;

/// <summary>What happens on the network, as this front end learns of it: one sequence of changes, in order, without gap or double. Pushed
/// updates make it quick; what they miss is read from Messages, so that without Notifications it is only later. Start it once, after
/// the wires are open; any thread may use the rest.</summary>
public sealed partial class LiveFeed : IAsyncDisposable
{
    private const int BatchSize = 256;

    private readonly TwiteClients _clients;
    private readonly LiveOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Channel<Input> _inbox;
    private readonly ChangeSequencer _sequencer;
    private readonly StreamIndex _index;
    private readonly FollowLists _follows;
    private readonly AccountChecks _accounts;
    private readonly FramePublisher _frames;
    private readonly List<StreamEvent> _next = [];
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _stopping = new();
    private volatile bool _overflowed;
    private volatile bool _isLate;
    private Task _running = Task.CompletedTask;

    /// <summary>A feed that reaches the services through these clients. It owns nothing of them.</summary>
    public LiveFeed(TwiteClients clients, LiveOptions options, ILoggerFactory loggers, TimeProvider time)
    {
        (_clients, _options, _time) = (clients, options, time);
        _logger = loggers.CreateLogger<LiveFeed>();
        _inbox = Channel.CreateBounded<Input>(new BoundedChannelOptions(options.InboxLength) { SingleReader = true });
        _sequencer = new ChangeSequencer(time, options.ReorderGrace, options.Silence);
        _index = new StreamIndex(options, time);
        _follows = new FollowLists(clients.Follows, _index, time, _logger);
        _accounts = new AccountChecks(clients.Accounts, _index, time, _logger);
        _frames = new FramePublisher(_index, time, _logger);
        _pollBackoff = new Backoff(options.MinPollInterval, options.MaxPollInterval);
        _readBackoff = new Backoff(options.MinPollInterval, options.MaxPollInterval);
        Streams = new LiveStreams(clients.Messages, _index, _follows, _accounts, _frames, options, _ready.Task, time, _logger);
        Receiver = new ServiceRegistration(
            LiveUpdatesService.Descriptor, binder => LiveUpdatesService.BindService(binder, new LiveUpdatesEndpoint(Accept)));
    }

    /// <summary>The streams it feeds.</summary>
    public LiveStreams Streams { get; }

    /// <summary>The service that takes in pushed updates: have it served at <see cref="LiveOptions.ReceiverAddress"/>.</summary>
    public ServiceRegistration Receiver { get; }

    /// <summary>All changes up to this one were given to the streams that want them. 0 until the first reading.</summary>
    public long Mark => _index.Mark;

    /// <summary>Whether it knows where "now" is.</summary>
    public Readiness Readiness => _ready.Task.IsCompletedSuccessfully
        ? Readiness.Ready
        : new Readiness(false, "Live updates wait for Messages, which has not answered yet.");

    /// <summary>Whether Notifications does not answer, so that what happens is read from Messages, some seconds later.</summary>
    public bool IsLate => _isLate;

    /// <summary>Begins to follow what happens. Returns at once; what cannot be reached is tried again.</summary>
    public void Start() => _running = Task.WhenAll(
        Task.Run(() => KeepAsync(FollowChangesAsync)), Task.Run(() => KeepAsync(HoldLeaseAsync)),
        Task.Run(() => KeepAsync(_follows.RunAsync)), Task.Run(() => KeepAsync(_accounts.RunAsync)), Task.Run(() => KeepAsync(BeatAsync)));

    /// <summary>Ends all streams and takes no more: call it when the program begins to stop, so that requests can drain.</summary>
    public void EndStreams() => _index.CloseAll();

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _index.CloseAll();
        await _stopping.CancelAsync();
        await _running;
        _stopping.Dispose();
    }

    private void Accept(LiveUpdate update) => Put(new Input(update, null));

    private void Put(Input input)
    {
        if (!_inbox.Writer.TryWrite(input))
        {
            _overflowed = true;
        }
    }

    private async Task KeepAsync(Func<CancellationToken, Task> work)
    {
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                await work(_stopping.Token);
            }
            catch (Exception e) when (e is OperationCanceledException or RpcException && _stopping.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                _logger.FeedFailed(e);
                await Task.Delay(TimeSpan.FromSeconds(1), _time, CancellationToken.None);
            }
        }
    }

    private async Task BeatAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1), _time);
        while (await timer.WaitForNextTickAsync(cancellationToken))
        {
            _index.Beat();
        }
    }

    /// <summary>What the feed's one loop takes in: an update, a lease, or just a wake-up.</summary>
    private readonly record struct Input(LiveUpdate? Update, RenewLeaseReply? Lease);
}
