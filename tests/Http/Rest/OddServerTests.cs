using Grpc.Core;

namespace Anywire.Http.Tests.Rest;

/// <summary>What a client makes of servers that do not answer as ours do.</summary>
public sealed class OddServerTests
{
    [Theory, InlineData("GET"), InlineData("DELETE")]
    public async Task A_request_is_sent_once_to_one_who_hangs_up(string verb)
    {
        await using var server = new RawServer("");
        var (client, wire) = LibraryServer.ConnectTo(server.Endpoint);
        await using var _ = wire;

        // Neither may be done twice: the waist tries none again.
        var file = new GetFileRequest { Path = "a" };
        var error = await FailsAsync(verb == "GET" ? client.GetFileAsync(file).ResponseAsync : client.DropFileAsync(file).ResponseAsync);

        Assert.Equal((StatusCode.Unavailable, false), (error.StatusCode, NotExecuted.IsMarked(error)));
        var sent = Assert.Single(server.Requests);
        Assert.StartsWith($"{verb} /v1/", sent, StringComparison.Ordinal);
        Assert.Contains("Content-Length: 0\r\n", sent.ReplaceLineEndings("\r\n"), StringComparison.OrdinalIgnoreCase);
    }

    private static Task<RpcException> FailsAsync(Task call) =>
        Assert.ThrowsAsync<RpcException>(() => call.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken));
}
