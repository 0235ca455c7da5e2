using Anywire.Tests.Samples;
using Grpc.Core;

namespace Anywire.Tests;

public sealed class InProcessCostTests
{
    private const int MaxBytes = 256;

    [Fact]
    public async Task A_call_that_is_answered_at_once_costs_at_most_256_bytes()
    {
        await using var bed = await InProcessBed.StartAsync(
            new ServiceRegistration(Bare.Descriptor, b => Bare.BindService(b, new Constant())), TimeProvider.System);
        var bare = new Bare.BareClient(bed.Client.Invoker);
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
