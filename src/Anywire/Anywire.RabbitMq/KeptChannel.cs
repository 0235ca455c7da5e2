using Anywire.Messaging;
using Microsoft.Extensions.Logging;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace Anywire.RabbitMq;

/// <summary>What is taken by a channel.</summary>
/// <param name="Service">For whom.</param>
/// <param name="What">In people's words.</param>
/// <param name="Options">What the channel is opened with; null: nothing.</param>
/// <param name="IsAcknowledged">Whether the broker keeps a message until it is acknowledged.</param>
/// <param name="PrepareAsync">Declares what is needed, and gives the queue to take from.</param>
/// <param name="TakeAsync">Takes a message; whatever the channel says of it is in vain once the token is cancelled: the broker gives it to somebody again.</param>
internal sealed record Taking(
    string Service, string What, CreateChannelOptions? Options, bool IsAcknowledged,
    Func<IChannel, CancellationToken, Task<string>> PrepareAsync, Func<IChannel, BasicDeliverEventArgs, CancellationToken, Task> TakeAsync);

/// <summary>A channel by which messages are taken, opened anew, with growing pauses, whenever the broker closes it or ends its consumer: the library opens lost connections anew,
/// and their channels, and neither of these. Any thread may use it.</summary>
internal sealed class KeptChannel(Taking taking, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    private readonly CancellationTokenSource _closing = new();
    private IConnection _connection = null!;
    private volatile Opened? _opened;

    // Nobody else opens it while somebody does.
    private int _isOpening = 1;

    /// <summary>The one that is open now, or was last.</summary>
    public IChannel Channel => _opened!.Channel;

    /// <summary>Opens it, and begins to take.</summary>
    public async Task OpenAsync(IConnection connection, CancellationToken cancellationToken)
    {
        _connection = connection;
        await CreateAsync(cancellationToken);
        EndOpening();
    }

    /// <summary>Takes no more; what was taken can still be acknowledged.</summary>
    public async Task StopAsync()
    {
        Close();
        if (_opened is { Consumer.Length: > 0 } opened)
        {
            await RabbitMqConnections.CancelAsync(opened.Channel, opened.Consumer);
        }
    }

    /// <summary>Opens it never again.</summary>
    public void Close() => _closing.Cancel();

    private async Task CreateAsync(CancellationToken cancellationToken)
    {
        var channel = await _connection.CreateChannelAsync(taking.Options, cancellationToken);
        var opened = new Opened(channel);
        try
        {
            channel.ChannelShutdownAsync += async (_, args) =>
            {
                // Whoever has closed it: what it has delivered comes again.
                await opened.ForgetAsync();
                if (args.Initiator == ShutdownInitiator.Peer && _connection.IsOpen)
                {
                    Lose(opened, args.ReplyText);
                }
            };
            var queue = await taking.PrepareAsync(channel, cancellationToken);
            var consumer = new AsyncEventingBasicConsumer(channel);
            consumer.ReceivedAsync += (_, delivery) => taking.TakeAsync(channel, delivery, opened.Delivered);
            consumer.UnregisteredAsync += (_, _) =>
            {
                // The queue was deleted, or the node of a cluster that had it is gone.
                if (channel.IsOpen)
                {
                    Lose(opened, $"There is no queue {queue} any more");
                }
                return Task.CompletedTask;
            };
            // What comes first may be answered before we hear that it may come.
            _opened = opened;
            opened.Consumer = await channel.BasicConsumeAsync(queue, autoAck: !taking.IsAcknowledged, consumer, cancellationToken);
        }
        catch
        {
            await EndAsync(channel);
            throw;
        }
    }

    private void Lose(Opened lost, string reason)
    {
        lost.IsLost = true;
        if (!_closing.IsCancellationRequested && Interlocked.Exchange(ref _isOpening, 1) == 0)
        {
            logger.ChannelLost(taking.Service, taking.What, reason.TrimEnd('.'));
            _ = Task.Run(OpenAgainAsync, CancellationToken.None);
        }
    }

    private async Task OpenAgainAsync()
    {
        var lost = _opened!;
        for (var pause = FirstPause; !_closing.IsCancellationRequested; pause = pause * 2 < LongestPause ? pause * 2 : LongestPause)
        {
            await Task.Delay(pause, time, _closing.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            try
            {
                await CreateAsync(_closing.Token);
                // Not before: what is answered meanwhile goes by it, if it is open.
                await EndAsync(lost.Channel);
                logger.ChannelOpenedAgain(taking.Service, taking.What);
                break;
            }
            catch (Exception error)
            {
                // Whatever it is: while it is not open, nothing is taken.
                if (!_closing.IsCancellationRequested)
                {
                    logger.ChannelNotOpened(taking.Service, taking.What, RabbitMqConnections.ReasonOf(error));
                }
            }
        }
        EndOpening();
    }

    // Whoever lost it while it was opened has left that to whoever opened it.
    private void EndOpening()
    {
        Interlocked.Exchange(ref _isOpening, 0);
        if (_opened is { IsLost: true } lost)
        {
            Lose(lost, "It was closed while it was opened");
        }
        else if (_closing.IsCancellationRequested)
        {
            _ = StopAsync();
        }
    }

    // The library would open it anew with the next connection: it forgets those that we close.
    private static async Task EndAsync(IChannel channel)
    {
        await channel.AbortAsync().WaitAsync(RabbitMqConnections.CloseTimeout).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await channel.DisposeAsync().AsTask().ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private sealed class Opened(IChannel channel)
    {
        private CancellationTokenSource _delivered = new();

        public IChannel Channel => channel;

        public string Consumer { get; set; } = "";

        public volatile bool IsLost;

        /// <summary>Cancelled when the broker has given up on what is delivered now.</summary>
        public CancellationToken Delivered => Volatile.Read(ref _delivered).Token;

        public Task ForgetAsync() => Interlocked.Exchange(ref _delivered, new CancellationTokenSource()).CancelAsync();
    }
}
