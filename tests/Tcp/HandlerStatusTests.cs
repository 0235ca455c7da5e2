using Anywire.Tcp.Tests.Bed;
using Grpc.Core;

namespace Anywire.Tcp.Tests;

/// <summary>What a handler may end with.</summary>
public sealed class HandlerStatusTests
{
    [Theory, InlineData(17), InlineData(200), InlineData(256), InlineData(-1)]
    public async Task A_code_that_gRPC_does_not_have_fails_that_call_and_no_other(int code)
    {
        await using var bed = await TcpBed.OpenAsync();
        var release = new TaskCompletionSource();
        bed.Service.Before = (line, _) => line.Text switch
        {
            "wait" => release.Task,
            "odd" => throw new RpcException(new Status((StatusCode)code, "odd")),
            _ => Task.CompletedTask,
        };
        var other = bed.Client.SayAsync(new Line { Text = "wait" });
        await Wait.UntilAsync(() => bed.Server.CallsInFlight == 1, "another call is under way");
        await Wait.FailsAsync(StatusCode.Unknown, () => bed.Client.SayAsync(new Line { Text = "odd" }).ResponseAsync);
        release.SetResult();
        Assert.Equal("wait", (await other.ResponseAsync.Soon()).Text);
    }
}
