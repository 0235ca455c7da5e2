using Anywire.InProcess;
using Anywire.Tests.Samples;
using Grpc.Core;
using Microsoft.Extensions.Logging.Abstractions;

namespace Anywire.Tests;

public sealed class InProcessCostTests
{
    private const int MaxBytes = 256;

    [Fact]
    public async Task A_call_that_is_answered_at_once_costs_at_most_256_bytes()
    {
        var (transport, contracts, address) = (new InProcessTransport(), new ContractTable([Bare.Descriptor]), Endpoint.Parse("inproc:cost"));
        await using var server = new AnywireServer(new AnywireServerOptions
        {
            Transports = new Transports(transport),
            Services = [new ServiceRegistration(Bare.Descriptor, b => Bare.BindService(b, new Constant()))],
            Contracts = contracts,
            Loggers = NullLoggerFactory.Instance,
        });
        await server.ListenAsync(address, CancellationToken.None);
        await using var client = new AnywireClient(transport, new TransportClientOptions
        {
            Endpoints = [address],
            Service = "cost",
            Caller = "tests",
            Contracts = contracts,
            Loggers = NullLoggerFactory.Instance,
            Time = TimeProvider.System,
        });
        var bare = new Bare.BareClient(client.Invoker);
        var word = new Word { Text = "cost" };
        var perCall = BytesPerCall(() => bare.AskAsync(word));
        Assert.True(perCall <= MaxBytes, $"A call costs {perCall} bytes.");
    }

    // Everything must complete on this thread, which is what counts its bytes.
    private static long BytesPerCall(Func<AsyncUnaryCall<Word>> call)
    {
        const int Calls = 10_000;
        Run(Calls);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Run(Calls);
        return (GC.GetAllocatedBytesForCurrentThread() - before) / Calls;

        void Run(int times)
        {
            for (var i = 0; i < times; i++)
            {
                Assert.True(call().ResponseAsync.IsCompletedSuccessfully);
            }
        }
    }

    private sealed class Constant : Bare.BareBase
    {
        private readonly Task<Word> _answer = Task.FromResult(new Word { Text = "answer" });

        public override Task<Word> Ask(Word request, ServerCallContext context) => _answer;
    }
}
