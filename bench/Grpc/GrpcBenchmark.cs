using Twite.Contracts;

namespace Twite.Bench.Grpc;

/// <summary>What Anywire adds to a call by gRPC: deadline from the contract, allowed callers, size limits, admission, retry. The plain call sets the
/// same deadline, as any real client would.</summary>
internal static class GrpcBenchmark
{
    private const double Most = 1.15;

    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(3);
    private static readonly VerifySessionRequest Request = new() { Token = new string('t', 32) };

    public static async Task RunAsync()
    {
        foreach (var secured in new[] { true, false })
        {
            await using var bed = await GrpcBed.OpenAsync(secured);
            foreach (var callers in new[] { 1, 64 })
            {
                await PairedCalls.CompareAsync(
                    secured ? "mutual TLS" : "no TLS", callers, callers == 1 ? 3_000 : 30_000,
                    async () => await bed.Anywire.VerifySessionAsync(Request),
                    async () => await bed.Plain.VerifySessionAsync(Request, deadline: TimeProvider.System.GetUtcNow().UtcDateTime + Deadline),
                    Most, Most);
            }
        }
    }
}
