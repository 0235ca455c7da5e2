using System.Security.Cryptography.X509Certificates;
using Anywire.Brokers;
using NATS.Client.Core;

namespace Twite.Bench.Brokers;

/// <summary>Request and reply as NATS' client has them. Bytes in, bytes out.</summary>
internal sealed class BareNats : IAsyncDisposable
{
    private const string Subject = "bench.requests";

    private readonly NatsConnection _caller;
    private readonly NatsConnection _handler;

    private BareNats(NatsConnection caller, NatsConnection handler) => (_caller, _handler) = (caller, handler);

    public static async Task<BareNats> OpenAsync(NatsBroker broker, byte[] reply)
    {
        var (caller, handler) = (new NatsConnection(Options(broker)), new NatsConnection(Options(broker)));
        var requests = await handler.SubscribeCoreAsync<NatsMemoryOwner<byte>>(Subject, "instances");
        _ = Task.Run(async () =>
        {
            await foreach (var request in requests.Msgs.ReadAllAsync())
            {
                using var data = request.Data;
                await request.ReplyAsync(reply);
            }
        });
        await handler.PingAsync();
        return new BareNats(caller, handler);
    }

    /// <summary>Over TLS, as the service that calls.</summary>
    public static NatsOpts Options(NatsBroker broker)
    {
        var credentials = broker.Authority.For("web");
        return new NatsOpts
        {
            Url = $"nats://127.0.0.1:{broker.Port}",
            TlsOpts = new NatsTlsOpts
            {
                Mode = TlsMode.Require,
                ConfigureClientAuthentication = options =>
                {
                    options.TargetHost = "broker";
                    options.ClientCertificates = [credentials.Certificate];
                    options.LocalCertificateSelectionCallback = (_, _, _, _, _) => credentials.Certificate;
                    options.RemoteCertificateValidationCallback = (_, peer, _, _) => peer is X509Certificate2 certificate && credentials.IsTrusted(certificate);
                    return ValueTask.CompletedTask;
                },
            },
        };
    }

    public async Task<int> CallAsync(byte[] request, TimeSpan timeout)
    {
        var answer = await _caller.RequestAsync<byte[], NatsMemoryOwner<byte>>(Subject, request, replyOpts: new NatsSubOpts { Timeout = timeout });
        using var data = answer.Data;
        return data.Length;
    }

    public async ValueTask DisposeAsync()
    {
        await _caller.DisposeAsync();
        await _handler.DisposeAsync();
    }
}
