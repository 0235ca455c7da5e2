using System.Collections.Concurrent;
using System.Globalization;
using Anywire.Messaging.Server;
using NATS.Client.Core;
using NATS.Client.JetStream;

namespace Anywire.Nats;

/// <summary>Takes at-least-once calls from the service's stream and acknowledges each when it was handled, or lies in the dead letters.</summary>
internal sealed class EventConsumer(EventHandling handling, string events, string dead, TimeProvider time)
{
    // So many are handled at once by one instance.
    private const int AtOnce = 64;

    // More than a header takes besides what it says: its name, the line that comes first, what ends each.
    private const int HeaderFrame = 128;

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan AgainAfter = TimeSpan.FromSeconds(1);

    // The node of a cluster that took our wish for messages may be gone while we are connected to another: two that are missing tell.
    private static readonly TimeSpan SignOfLife = TimeSpan.FromSeconds(5);

    // So long one wish for messages holds, unless as many have come before.
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);

    // What a wish of a moment ago brings comes sooner than this.
    private static readonly TimeSpan OnItsWay = TimeSpan.FromMilliseconds(250);

    private readonly EventStreams _streams = new(events, dead);
    // Wishes for no more; takes no more; tries no more of what it has.
    private readonly CancellationTokenSource _closing = new();
    private readonly CancellationTokenSource _closed = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly SemaphoreSlim _free = new(AtOnce, AtOnce);
    private readonly ConcurrentDictionary<Task, bool> _underWay = new();
    private NatsConnection _connection = null!;
    private NatsJSContext _jetStream = null!;
    private CancellationTokenSource? _consumingNow;
    private int _replicas;
    private Task _consuming = Task.CompletedTask;

    /// <summary>Makes the streams, and takes what is in them from now on.</summary>
    public async Task StartAsync(NatsConnection connection, CancellationToken cancellationToken)
    {
        _connection = connection;
        _jetStream = new NatsJSContext(connection);
        // The library would wish again for as many as it had wished for, those that have come since included.
        connection.ConnectionDisconnected += BeginAnewAsync;
        // A broker that comes back may have lost what it had, streams included.
        connection.ConnectionOpened += BeginAnewAsync;
        // How many of a cluster's nodes are there just now does not matter: a stream would lose its other copies by being asked for with fewer.
        _replicas = connection.ServerInfo?.Cluster is { Length: > 0 } ? 3 : 1;
        var consumer = await _streams.OpenAsync(_jetStream, _replicas, cancellationToken);
        _consuming = ConsumeAsync(consumer);
    }

    /// <summary>Takes no more, and puts back what is not being handled just now.</summary>
    public async Task StopTakingAsync()
    {
        // Before anything is put back, which would be ours again.
        await _closing.CancelAsync();
        // What comes to a wish that was withdrawn is given to another only when the time for a sign of life is over, as delivered in vain.
        await _consuming.WaitAsync(OnItsWay).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _closed.CancelAsync();
        await _consuming.WaitAsync(NatsConnections.CloseTimeout).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _stopping.CancelAsync();
    }

    /// <summary>Returns, after <see cref="StopTakingAsync"/>, when what was handled is acknowledged, and the rest put back.</summary>
    public async Task StopAsync()
    {
        // A broker that is away is told nothing, and gives it to somebody again.
        await Task.WhenAll(_underWay.Keys).WaitAsync(NatsConnections.CloseTimeout).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>How many events wait or are being handled, and how many were given up.</summary>
    public async Task<IReadOnlyList<(string Queue, long Messages)>> CountAsync(CancellationToken cancellationToken) =>
    [
        ("events", await CountAsync(events, cancellationToken)),
        ("dead", await CountAsync(dead, cancellationToken)),
    ];

    private async Task<long> CountAsync(string subject, CancellationToken cancellationToken) =>
        (await _jetStream.GetStreamAsync(EventStreams.NameOf(subject), cancellationToken: cancellationToken)).Info.State.Messages;

    private ValueTask BeginAnewAsync(object? sender, NatsEventArgs args)
    {
        try
        {
            Volatile.Read(ref _consumingNow)?.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // It begins anew already.
        }
        return ValueTask.CompletedTask;
    }

    private async Task ConsumeAsync(INatsJSConsumer? consumer)
    {
        while (!_closing.IsCancellationRequested)
        {
            using var lost = CancellationTokenSource.CreateLinkedTokenSource(_closed.Token);
            using var wishing = CancellationTokenSource.CreateLinkedTokenSource(_closing.Token, lost.Token);
            Volatile.Write(ref _consumingNow, lost);
            try
            {
                consumer ??= await _streams.OpenAsync(_jetStream, _replicas, _closing.Token);
                while (!wishing.IsCancellationRequested)
                {
                    await FetchAsync(consumer, await TakeRoomAsync(wishing.Token), lost);
                }
            }
            catch (Exception error) when (error is NatsException or OperationCanceledException or ObjectDisposedException)
            {
                // Begun anew below.
            }
            consumer = null;
            await Task.Delay(Pause, time, _closing.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    // No more than there is room for: what lies about here gives no sign of life, and is delivered in vain.
    private async Task FetchAsync(INatsJSConsumer consumer, int room, CancellationTokenSource lost)
    {
        try
        {
            var options = new NatsJSFetchOpts
            {
                MaxMsgs = room,
                Expires = Longest,
                IdleHeartbeat = SignOfLife,
                NotificationHandler = (_, _) => lost.CancelAsync(),
            };
            await foreach (var message in consumer.FetchAsync<byte[]>(options, cancellationToken: lost.Token))
            {
                room--;
                var handled = HandleAsync(message);
                _underWay[handled] = true;
                _ = handled.ContinueWith(done => _underWay.TryRemove(done, out _), TaskScheduler.Default);
            }
        }
        finally
        {
            if (room > 0)
            {
                _free.Release(room);
            }
        }
    }

    // All that there is, once there is any.
    private async Task<int> TakeRoomAsync(CancellationToken cancellationToken)
    {
        await _free.WaitAsync(cancellationToken);
        var room = 1;
        while (_free.Wait(0, CancellationToken.None))
        {
            room++;
        }
        return room;
    }

    private async Task HandleAsync(INatsJSMsg<byte[]> message)
    {
        try
        {
            var before = DeliveriesOf(message);
            var end = await EndAsync(Task.Run(() => handling.HandleAsync(message.Data ?? [], before, _stopping.Token)), message);
            switch (end.Result)
            {
                case EventResult.Handled:
                    await message.AckAsync();
                    break;
                case EventResult.Again:
                    await PutBackAsync(message, before);
                    break;
                case EventResult.Dead:
                    await BuryAsync(message, end.Letter!);
                    await message.AckAsync();
                    handling.Buried(end.Letter!);
                    break;
                default:
                    throw new InvalidOperationException($"Nobody knows what is to become of an event that is {end.Result}.");
            }
        }
        catch (Exception error) when (error is NatsException or OperationCanceledException or ObjectDisposedException)
        {
            // It was not acknowledged, so it comes again.
        }
        finally
        {
            _free.Release();
        }
    }

    // Gives signs of life meanwhile.
    private async Task<EventEnd> EndAsync(Task<EventEnd> handled, INatsJSMsg<byte[]> message)
    {
        while (true)
        {
            try
            {
                return await handled.WaitAsync(EventStreams.AckWait / 3, time);
            }
            catch (TimeoutException) when (!handled.IsCompleted)
            {
                await message.AckProgressAsync();
            }
        }
    }

    private static long DeliveriesOf(INatsJSMsg<byte[]> message)
    {
        var now = (long)(message.Metadata?.NumDelivered ?? 1) - 1;
        // Anybody could have written it.
        return now + (message.Headers?.TryGetValue(EventHeaders.Deliveries, out var before) == true
            && int.TryParse(before.ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count <= EventHandling.MostDeliveries ? count : 0);
    }

    // The broker would count it as delivered in vain if it were given back.
    private async Task PutBackAsync(INatsJSMsg<byte[]> message, long deliveries)
    {
        var headers = deliveries > 0 ? new NatsHeaders { [EventHeaders.Deliveries] = deliveries.ToString(CultureInfo.InvariantCulture) } : null;
        try
        {
            if (headers is not null && !Fits(message.Data ?? [], $"{deliveries}"))
            {
                throw new NatsException("It is more than the broker lets through");
            }
            var acknowledgement = await _jetStream.PublishAsync(events, message.Data ?? [], headers: headers, opts: new NatsJSPubOpts { RetryAttempts = 1 });
            acknowledgement.EnsureSuccess();
        }
        catch (NatsException)
        {
            // The stream has as many as it may, or is not ours to write to: better once in vain than never.
            await message.NakAsync(delay: AgainAfter);
            return;
        }
        await message.AckAsync();
    }

    // The broker counts headers too, and closes the connection of whoever sends more.
    private bool Fits(byte[] body, string header) => body.Length + header.Length + HeaderFrame <= (_connection.ServerInfo?.MaxPayload ?? NatsTransport.PayloadBytes);

    private async Task BuryAsync(INatsJSMsg<byte[]> message, DeadLetter letter)
    {
        var (body, reason) = (message.Data ?? [], letter.Reason);
        if (!Fits(body, Uri.EscapeDataString(reason)))
        {
            (body, reason) = ([], $"{reason} With the reason it is more than the broker lets through, so its {body.Length:N0} bytes are not kept.");
        }
        var acknowledgement = await _jetStream.PublishAsync(dead, body, headers: new NatsHeaders { [EventHeaders.Reason] = Uri.EscapeDataString(reason) });
        acknowledgement.EnsureSuccess();
    }
}
