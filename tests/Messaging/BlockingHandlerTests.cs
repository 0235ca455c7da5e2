using Anywire.Brokers;
using Twite.Faults;

namespace Anywire.Messaging.Tests;

/// <summary>What a handler does with its thread is nobody else's business.</summary>
public sealed class BlockingHandlerTests(RabbitMqTestServer rabbit, NatsTestServer nats)
{
    [Fact]
    public async Task Over_RabbitMQ_one_that_blocks_when_it_is_cancelled_holds_up_no_other_call()
    {
        LongForm.RequireIf(isLong: true);
        await CancelAsync(BrokerUnderTest.Of(await rabbit.BrokerAsync()));
    }

    [Fact]
    public async Task Over_NATS_one_that_blocks_when_it_is_cancelled_holds_up_no_other_call() =>
        await CancelAsync(BrokerUnderTest.Of(await nats.BrokerAsync()));

    private static async Task CancelAsync(BrokerUnderTest wire)
    {
        await using var bed = new EchoBed(wire);
        using var release = new ManualResetEventSlim();
        using var cancel = new CancellationTokenSource();
        var blocks = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var echo = await bed.ListenAsync();
        echo.OnCancelled = () =>
        {
            blocks.SetResult();
            release.Wait();
        };
        var client = bed.Connect();
        try
        {
            _ = client.HoldAsync(new Word(), cancellationToken: cancel.Token);
            await Wait.UntilAsync(() => echo.Calls == 1, "it runs");
            await cancel.CancelAsync();
            await blocks.Task.Soon();
            Assert.Equal("hello", (await client.SayAsync(new Word { Text = "hello" }).ResponseAsync.Soon()).Text);
        }
        finally
        {
            release.Set();
        }
    }
}
