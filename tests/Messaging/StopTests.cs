using Anywire.Brokers;
using Twite.Faults;

namespace Anywire.Messaging.Tests;

/// <summary>A service stops while its broker is away.</summary>
public sealed class StopTests
{
    // The parts of a stop that wait for the broker wait for seconds together.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task Over_NATS_it_does_not_wait_for_the_broker()
    {
        await using var broker = await NatsBroker.StartAsync();
        await StopsAsync(BrokerUnderTest.Of(broker), broker.KillAsync);
    }

    [Fact]
    public async Task Over_RabbitMQ_it_does_not_wait_for_the_broker()
    {
        LongForm.RequireIf(isLong: true);
        await using var broker = await RabbitMqBroker.StartAsync();
        await StopsAsync(BrokerUnderTest.Of(broker), broker.KillAsync);
    }

    [Fact]
    public async Task Over_NATS_the_handlers_of_calls_end_although_their_callers_cannot_be_told()
    {
        await using var broker = await NatsBroker.StartAsync();
        await AbandonsAsync(BrokerUnderTest.Of(broker), broker.KillAsync);
    }

    [Fact]
    public async Task Over_RabbitMQ_the_handlers_of_calls_end_although_their_callers_cannot_be_told()
    {
        LongForm.RequireIf(isLong: true);
        await using var broker = await RabbitMqBroker.StartAsync();
        await AbandonsAsync(BrokerUnderTest.Of(broker), broker.KillAsync);
    }

    private static async Task AbandonsAsync(BrokerUnderTest wire, Func<Task> killAsync)
    {
        await using var bed = new EchoBed(wire);
        var (server, echo) = await bed.ServeAsync();
        var cancelled = 0;
        echo.OnCancelled = () => Interlocked.Increment(ref cancelled);
        var client = bed.Connect();
        var held = Enumerable.Range(0, 3).Select(_ => client.HoldAsync(new Word()).ResponseAsync).ToList();
        await Wait.UntilAsync(() => echo.Calls == held.Count, "they are handled");
        await killAsync();
        foreach (var call in held)
        {
            await Wait.FailsAsync(Grpc.Core.StatusCode.Unavailable, () => call);
        }
        await server.DisposeAsync().AsTask().WaitAsync(Patience, TestContext.Current.CancellationToken);
        Assert.Equal(held.Count, cancelled);
    }

    private static async Task StopsAsync(BrokerUnderTest wire, Func<Task> killAsync)
    {
        await using var bed = new EchoBed(wire);
        var (server, echo) = await bed.ServeAsync();
        var answers = new TaskCompletionSource();
        echo.Answers = answers.Task;
        await bed.Connect().NoteAsync(new Word { Text = "on" }).ResponseAsync.Soon();
        await Wait.UntilAsync(() => server.CallsInFlight == 1, "it is handled");
        await killAsync();
        answers.SetResult();
        await Wait.UntilAsync(() => !echo.Notes.IsEmpty, "it was handled");
        await server.StopAsync(CancellationToken.None).WaitAsync(Patience, TestContext.Current.CancellationToken);
        await server.DisposeAsync().AsTask().WaitAsync(Patience, TestContext.Current.CancellationToken);
    }
}
