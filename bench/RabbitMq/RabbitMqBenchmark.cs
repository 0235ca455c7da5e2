using Anywire;
using Anywire.Brokers;
using Anywire.RabbitMq;
using Google.Protobuf;
using Microsoft.Extensions.Logging.Abstractions;
using Twite.Bench.Json;
using Twite.Contracts;

namespace Twite.Bench.RabbitMq;

/// <summary>The hot call over a broker against a bare loop over the same broker. CPU of both sides, which are this process; the broker's is not in it.</summary>
internal static class RabbitMqBenchmark
{
    private const double Most = 1.25;

    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(3);
    private static readonly VerifySessionRequest Request = new() { Token = new string('t', 32) };

    public static async Task RunAsync()
    {
        await using var broker = await RabbitMqBroker.StartAsync();
        var transport = new RabbitMqTransport();
        var contracts = new ContractTable([AccountsService.Descriptor]);
        var endpoint = Endpoint.Parse($"amqp://127.0.0.1:{broker.Port}?network=bench");
        await using var server = new AnywireServer(new AnywireServerOptions
        {
            Transports = new Transports(transport),
            Name = "accounts",
            Services = [new ServiceRegistration(AccountsService.Descriptor, b => AccountsService.BindService(b, new HotCall()))],
            Contracts = contracts,
            Loggers = NullLoggerFactory.Instance,
        });
        await server.ListenAsync(endpoint, CancellationToken.None);
        await using var client = new AnywireClient(transport, new TransportClientOptions
        {
            Endpoints = [endpoint],
            Service = "accounts",
            Caller = "web",
            Contracts = contracts,
            Loggers = NullLoggerFactory.Instance,
            Time = TimeProvider.System,
        });
        var accounts = new AccountsService.AccountsServiceClient(client.Invoker);
        await using var bare = await BareLoop.OpenAsync(broker.Port, JsonSamples.Session().ToByteArray());
        var request = Request.ToByteArray();
        foreach (var callers in new[] { 1, 16, 64 })
        {
            await PairedCalls.CompareAsync(
                "no TLS", callers, callers == 1 ? 1_000 : 10_000,
                async () => await accounts.VerifySessionAsync(Request),
                async () => await bare.CallAsync(request, Deadline),
                Most);
        }
    }
}
