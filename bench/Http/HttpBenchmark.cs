using Twite.Contracts;

namespace Twite.Bench.Http;

/// <summary>What a call costs over HTTP, against an endpoint and a client that somebody wrote by hand for System.Text.Json with generated code: the same
/// bodies, HTTP/2 and mutual TLS on both. And protobuf over the same HTTP against JSON.</summary>
internal static class HttpBenchmark
{
    private static readonly VerifySessionRequest Session = new() { Token = new string('t', 32) };
    private static readonly ListByAuthorsRequest Timeline = new() { AuthorIds = { Enumerable.Range(1, 50).Select(i => (long)i) } };

    public static async Task RunAsync()
    {
        await using var bed = await HttpBed.OpenAsync();
        await PairedCalls.CompareAsync("verify session, JSON over by hand", 1, 3_000, () => Verify(bed.Json), bed.VerifyByHandAsync, 1.25);
        await PairedCalls.CompareAsync("verify session, JSON over by hand", 64, 20_000, () => Verify(bed.Json), bed.VerifyByHandAsync, 1.25);
        await PairedCalls.CompareAsync("timeline of 50, JSON over by hand", 64, 10_000, () => List(bed.Json), bed.ListByHandAsync, 1.5);
        await PairedCalls.CompareAsync("timeline of 50, protobuf over JSON", 64, 10_000, () => List(bed.Protobuf), () => List(bed.Json), 0.9);
    }

    private static async Task Verify(HttpBed.Clients clients) => await clients.Accounts.VerifySessionAsync(Session);

    private static async Task List(HttpBed.Clients clients) => await clients.Messages.ListByAuthorsAsync(Timeline);
}
