using System.Diagnostics;
using Anywire.Brokers;
using Grpc.Core;
using Twite.Faults;

namespace Anywire.Messaging.Tests;

/// <summary>The broker takes no messages for a while, because it has no room: RabbitMQ stops reading from whoever publishes
/// (https://www.rabbitmq.com/docs/alarms).</summary>
public sealed class BackPressureTests(ITestOutputHelper output)
{
    private static readonly TimeSpan AtOnce = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan InTime = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task While_RabbitMQ_has_no_room_calls_and_events_are_refused_at_once_and_nothing_piles_up()
    {
        LongForm.RequireIf(isLong: true);
        await using var broker = await RabbitMqBroker.StartAsync();
        await using var bed = new EchoBed(BrokerUnderTest.Of(broker));
        var echo = await bed.ListenAsync();
        var client = bed.Connect();
        await client.SayAsync(new Word()).ResponseAsync.Soon();
        await client.NoteAsync(new Word()).ResponseAsync.Soon();

        await broker.CtlAsync("set_vm_memory_high_watermark", "0.0001");
        // Whoever publishes learns it by that; until then a call ends when its deadline says so.
        await Wait.UntilAsync(async () => await EndAsync(() => client.SayAsync(new Word(), deadline: In(1)).ResponseAsync) == StatusCode.ResourceExhausted, "calls are refused");
        await Wait.UntilAsync(async () => await EndAsync(() => client.NoteAsync(new Word(), deadline: In(1)).ResponseAsync) == StatusCode.ResourceExhausted, "events are refused");
        // Another has sent no event before, and would have to ask the broker first.
        var other = bed.Connect();
        await Wait.UntilAsync(async () => await EndAsync(() => other.SayAsync(new Word(), deadline: In(1)).ResponseAsync) == StatusCode.ResourceExhausted, "the other's calls are refused");
        Assert.Equal(StatusCode.ResourceExhausted, await EndAsync(() => other.NoteAsync(new Word(), deadline: In(1)).ResponseAsync));
        var (before, started) = (GC.GetTotalMemory(forceFullCollection: true), Stopwatch.GetTimestamp());
        for (var call = 0; call < 1_000; call++)
        {
            await Wait.FailsAsync(StatusCode.ResourceExhausted, () => client.SayAsync(new Word { Text = new string('x', 100_000) }).ResponseAsync);
            await Wait.FailsAsync(StatusCode.ResourceExhausted, () => client.NoteAsync(new Word { Text = new string('x', 900) }).ResponseAsync);
        }
        var (took, grown) = (Stopwatch.GetElapsedTime(started) / 2_000, GC.GetTotalMemory(forceFullCollection: true) - before);
        output.WriteLine($"a refusal takes {took.TotalMicroseconds:N0} µs; after 100 MB of refused requests {grown / 1024:N0} KiB more are in use");
        Assert.InRange(took, TimeSpan.Zero, AtOnce);
        Assert.InRange(grown, long.MinValue, 10_000_000);

        await broker.CtlAsync("set_vm_memory_high_watermark", "0.4");
        await Wait.UntilAsync(async () => await EndAsync(() => client.AskAsync(new Word(), deadline: In(1)).ResponseAsync) == StatusCode.OK, "the same client is answered");
        await client.NoteAsync(new Word { Text = "on it goes" }).ResponseAsync.Soon();
        await Wait.UntilAsync(() => echo.Notes.Contains("on it goes"), "events come");
    }

    [Fact]
    public async Task While_RabbitMQ_has_no_room_both_sides_stop_in_time_with_what_it_does_not_take()
    {
        LongForm.RequireIf(isLong: true);
        // What waits is asked for by whoever watches, and the broker does not answer that either.
        using var shown = new ShownQueues();
        await using var broker = await RabbitMqBroker.StartAsync();
        await using var bed = new EchoBed(BrokerUnderTest.Of(broker));
        var (server, echo) = await bed.ServeAsync();
        await Wait.UntilAsync(() => shown.Now("RabbitMQ", "echo", "events") == 0, "it is shown that nothing waits");
        var answers = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        echo.Answers = answers.Task;
        var client = bed.Connect();
        var asked = Enumerable.Range(0, 30).Select(_ => client.SayAsync(new Word { Text = new string('x', 1_000_000) }, deadline: In(10)).ResponseAsync).ToList();
        await Wait.UntilAsync(() => echo.Calls == 30, "all are handled");
        // Refused a few times, it is to go to the dead letters.
        echo.Refuses = true;
        await client.NoteAsync(new Word()).ResponseAsync.Soon();
        await broker.CtlAsync("set_vm_memory_high_watermark", "0.0001");
        answers.SetResult();
        foreach (var call in asked)
        {
            await Wait.FailsAsync(StatusCode.DeadlineExceeded, () => call);
        }

        await InTimeAsync("the server", server.StopAsync(CancellationToken.None));
        await InTimeAsync("the client", bed.DisposeAsync().AsTask());
    }

    private async Task InTimeAsync(string who, Task stops)
    {
        var started = Stopwatch.GetTimestamp();
        await stops.Soon();
        var took = Stopwatch.GetElapsedTime(started);
        output.WriteLine($"{who} stopped within {took.TotalMilliseconds:N0} ms");
        Assert.InRange(took, TimeSpan.Zero, InTime);
    }

    private static DateTime In(int seconds) => TimeProvider.System.GetUtcNow().UtcDateTime.AddSeconds(seconds);

    private static async Task<StatusCode> EndAsync(Func<Task> call)
    {
        try
        {
            // Longer than its deadline means that it hangs.
            await call().WaitAsync(TimeSpan.FromSeconds(5));
            return StatusCode.OK;
        }
        catch (RpcException error)
        {
            return error.StatusCode;
        }
    }
}
