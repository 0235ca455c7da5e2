using System.Threading.Channels;
using Anywire;
using Grpc.Core;
using Microsoft.Extensions.Logging;
using Twite.Contracts;

namespace Twite.Notifications;

/// <summary>Tells senders which of their events were handled, and which never will be, where the wire's answer does not say so; many in one call. What does not get
/// through is dropped: the sender sends the event again and is told then. Any thread may use it.</summary>
internal sealed class Confirmations : IAsyncDisposable
{
    private const int MaxWaiting = 10_000;
    private const int MaxInOneCall = 500;
    private const int MaxRefusedInOneCall = 30;
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    private readonly IServiceDirectory _directory;
    private readonly TimeSpan _delay;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Dictionary<string, Channel<(string Id, string? Refusal)>> _senders;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _sending;

    public Confirmations(IServiceDirectory directory, TimeSpan delay, TimeProvider time, ILogger logger)
    {
        (_directory, _delay, _time, _logger) = (directory, delay, time, logger);
        _senders = new[] { "accounts", "follows", "messages" }.ToDictionary(sender => sender, _ => Channel.CreateBounded<(string, string?)>(
            new BoundedChannelOptions(MaxWaiting) { SingleReader = true, FullMode = BoundedChannelFullMode.DropWrite }));
        _sending = Task.WhenAll(_senders.Select(s => Task.Run(() => SendAsync(s.Key, s.Value.Reader))));
    }

    /// <summary>An event was handled; tells its sender when that has asked for it.</summary>
    /// <param name="sender">Its name in the topology.</param>
    /// <param name="header">The event's.</param>
    public void Add(string sender, EventHeader header)
    {
        if (header.Confirm)
        {
            _senders[sender].Writer.TryWrite((header.Id, null));
        }
    }

    /// <summary>An event was given up.</summary>
    /// <param name="letter">What became of it.</param>
    public void Add(DeadLetter letter)
    {
        if (letter.EventId.Length > 0 && _senders.TryGetValue(letter.Sender, out var sender))
        {
            sender.Writer.TryWrite((letter.EventId, letter.Reason));
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _sending;
        _stopping.Dispose();
    }

    private async Task SendAsync(string sender, ChannelReader<(string Id, string? Refusal)> events)
    {
        try
        {
            while (await events.WaitToReadAsync(_stopping.Token))
            {
                await Task.Delay(_delay, _time, _stopping.Token);
                var request = new HandledRequest();
                while (request.EventIds.Count < MaxInOneCall && request.Refused.Count < MaxRefusedInOneCall && events.TryRead(out var one))
                {
                    if (one.Refusal is { } reason)
                    {
                        request.Refused.Add(RefusedEvent.Of(one.Id, reason));
                    }
                    else
                    {
                        request.EventIds.Add(one.Id);
                    }
                }
                await SendAsync(sender, request);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or RpcException && _stopping.IsCancellationRequested)
        {
            // A call that was under way fails as one that was cancelled. What was not confirmed comes again.
        }
    }

    private async Task SendAsync(string sender, HandledRequest request)
    {
        for (var pause = FirstPause; ; pause = pause * 2 < LongestPause ? pause * 2 : LongestPause)
        {
            try
            {
                await CallAsync(sender, _directory.Connect(sender), request);
                return;
            }
            catch (Exception e) when (e is RpcException or InvalidOperationException && !_stopping.IsCancellationRequested)
            {
                _logger.ConfirmFailed(sender, e.Message);
            }
            await Task.Delay(pause * (0.5 + (Random.Shared.NextDouble() / 2)), _time, _stopping.Token);
        }
    }

    private async Task CallAsync(string sender, CallInvoker invoker, HandledRequest request)
    {
        using var call = sender switch
        {
            "accounts" => new AccountsService.AccountsServiceClient(invoker).HandledAsync(request, cancellationToken: _stopping.Token),
            "follows" => new FollowsService.FollowsServiceClient(invoker).HandledAsync(request, cancellationToken: _stopping.Token),
            _ => new MessagesService.MessagesServiceClient(invoker).HandledAsync(request, cancellationToken: _stopping.Token),
        };
        await call.ResponseAsync;
    }
}
