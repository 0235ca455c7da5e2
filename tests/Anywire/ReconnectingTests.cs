using Anywire.Client;
using Grpc.Core;

namespace Anywire.Tests;

public sealed class ReconnectingTests
{
    [Fact]
    public async Task The_first_address_that_answers_is_taken_and_the_failure_of_another_is_seen()
    {
        var unseen = new List<RpcException>();
        void Add(object? sender, UnobservedTaskExceptionEventArgs e)
        {
            lock (unseen)
            {
                unseen.AddRange(e.Exception.InnerExceptions.OfType<RpcException>());
            }
        }
        TaskScheduler.UnobservedTaskException += Add;
        try
        {
            Assert.Equal(1, await TakeAsync());
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
        finally
        {
            TaskScheduler.UnobservedTaskException -= Add;
        }
        Assert.DoesNotContain(unseen, static e => e.Status.Detail == "mine");
    }

    // By itself, so that nothing holds the attempts afterwards.
    private static async Task<int> TakeAsync()
    {
        var failed = Task.FromException<int>(Failure());
        var late = new TaskCompletionSource<int>();
        var taken = await Reconnecting.FirstAsync([failed, late.Task, Task.FromResult(1)], TestContext.Current.CancellationToken);
        late.SetException(Failure());
        return taken;
    }

    private static RpcException Failure() => new(new Status(StatusCode.Unavailable, "mine"));
}
