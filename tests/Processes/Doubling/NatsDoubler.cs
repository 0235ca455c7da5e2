using NATS.Client.Core;

namespace Twite.Processes.Doubling;

/// <summary>The same at a NATS server: whoever may subscribe hears everything.</summary>
internal sealed class NatsDoubler : IDoubler
{
    // What it has sent itself it hears as well.
    private const string Mark = "Once-More";

    private readonly OperatorCertificate _operator;
    private readonly NatsConnection _connection;
    private readonly CancellationTokenSource _stop = new();
    private Task _doubling = Task.CompletedTask;
    private int _events;
    private int _requests;

    private NatsDoubler(UpNetwork network)
    {
        _operator = new OperatorCertificate(network);
        _connection = new NatsConnection(new NatsOpts
        {
            Url = $"nats://{network.BrokerAddress}",
            SubPendingChannelCapacity = 100_000,
            TlsOpts = new NatsTlsOpts
            {
                Mode = TlsMode.Require,
                ConfigureClientAuthentication = options =>
                {
                    options.TargetHost = OperatorCertificate.Broker;
                    options.LocalCertificateSelectionCallback = _operator.Select;
                    options.RemoteCertificateValidationCallback = _operator.Accepts;
                    return ValueTask.CompletedTask;
                },
            },
        });
    }

    public int Events => Volatile.Read(ref _events);

    public int Requests => Volatile.Read(ref _requests);

    public static async Task<IDoubler> BeginAsync(UpNetwork network)
    {
        var doubler = new NatsDoubler(network);
        await doubler.BeginAsync();
        return doubler;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _doubling;
        await _connection.DisposeAsync();
        _operator.Dispose();
        _stop.Dispose();
    }

    private async Task BeginAsync()
    {
        var events = await _connection.SubscribeCoreAsync<byte[]>("anywire.*.events", cancellationToken: _stop.Token);
        var requests = await _connection.SubscribeCoreAsync<byte[]>("anywire.*.requests", cancellationToken: _stop.Token);
        await _connection.PingAsync();
        // Under no id: by that a broker would recognise an event.
        _doubling = Task.WhenAll(DoubleAsync(events, () => Interlocked.Increment(ref _events)), DoubleAsync(requests, () => Interlocked.Increment(ref _requests)));
    }

    private async Task DoubleAsync(INatsSub<byte[]> heard, Action count)
    {
        try
        {
            await foreach (var message in heard.Msgs.ReadAllAsync(_stop.Token))
            {
                if (message.Headers?.ContainsKey(Mark) != true)
                {
                    await _connection.PublishAsync(message.Subject, message.Data, new NatsHeaders { [Mark] = "1" }, message.ReplyTo, cancellationToken: _stop.Token);
                    count();
                }
            }
        }
        catch (OperationCanceledException)
        {
            // Enough.
        }
    }
}
