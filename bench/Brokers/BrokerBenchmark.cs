using Anywire;
using Anywire.Brokers;
using Anywire.Certificates;
using Anywire.Nats;
using Anywire.RabbitMq;
using Google.Protobuf;
using Twite.Bench.Json;
using Twite.Contracts;

namespace Twite.Bench.Brokers;

/// <summary>The hot call over a broker against a bare loop over the same broker, both over mutual TLS, ours sealed. CPU of caller, handler and broker; and of
/// the first two alone.</summary>
internal static class BrokerBenchmark
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(3);
    private static readonly VerifySessionRequest Request = new() { Token = new string('t', 32) };

    public static async Task RabbitMqAsync()
    {
        await using var broker = await RabbitMqBroker.StartAsync();
        await using var bare = await BareRabbitMq.OpenAsync(broker, JsonSamples.Session().ToByteArray());
        await CompareAsync(
            new RabbitMqTransport(), $"amqps://127.0.0.1:{broker.SecuredPort}?network=bench", broker.Authority, () => broker.CpuTime, bare.CallAsync, 10_000, 1.25);
    }

    public static async Task NatsAsync()
    {
        await using var broker = await NatsBroker.StartAsync(isSecured: true);
        await using var bare = await BareNats.OpenAsync(broker, JsonSamples.Session().ToByteArray());
        await CompareAsync(
            new NatsTransport(), $"natss://127.0.0.1:{broker.Port}?network=bench", broker.Authority, () => broker.CpuTime, bare.CallAsync, 20_000, 1.6);
    }

    private static async Task CompareAsync(
        ITransport transport, string address, TestAuthority authority, Func<TimeSpan> broker, Func<byte[], TimeSpan, Task> bare, int calls, double most)
    {
        var bed = new BrokerBed(transport, address, authority, "accounts", AccountsService.Descriptor);
        await using var server = await bed.ListenAsync(b => AccountsService.BindService(b, new HotCall()));
        await using var client = bed.Connect("web");
        var accounts = new AccountsService.AccountsServiceClient(client.Invoker);
        var request = Request.ToByteArray();
        foreach (var callers in new[] { 1, 16, 64 })
        {
            await PairedCalls.CompareAsync(
                "sealed, TLS", callers, callers == 1 ? 1_000 : calls,
                async () => await accounts.VerifySessionAsync(Request),
                () => bare(request, Deadline),
                // What is held to it begins at 16 callers.
                callers == 1 ? double.PositiveInfinity : most,
                broker: broker);
        }
    }
}
