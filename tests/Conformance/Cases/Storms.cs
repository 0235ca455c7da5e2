using Twite.Faults;

namespace Anywire.Conformance;

public abstract partial class ConformanceSuite
{
    [Fact]
    public async Task Each_call_of_a_storm_ends_in_its_time_and_nothing_is_left()
    {
        NeedsStorms();
        var count = LongForm.IsRequested ? 20_000 : 2_000;
        var stage = await OpenAsync(new StageOptions { Retry = Once });
        var storm = new Storm(stage, Wire.Traits);
        await storm.BlowAsync(async () =>
        {
            while (storm.Ended < count)
            {
                await storm.HasEndedAsync(storm.Ended + 1_000);
            }
        });
        await AssertCalmAsync(stage, storm);
    }

    [Fact]
    public async Task Each_call_of_a_storm_ends_in_its_time_while_the_server_comes_and_goes()
    {
        NeedsStorms();
        // Each costs a broker's connections seconds.
        var times = LongForm.IsRequested ? 30 : Wire.Traits.SharesAddresses ? 2 : 6;
        var stage = await OpenAsync(new StageOptions { Retry = Once });
        var storm = new Storm(stage, Wire.Traits) { IsServerSteady = false };
        await storm.BlowAsync(async () =>
        {
            for (var i = 0; i < times; i++)
            {
                await storm.HasEndedAsync(storm.Ended + 300);
                // By turns it lets calls finish and drops them.
                if (i % 2 == 0)
                {
                    await stage.Server.StopAsync(CancellationToken.None).Soon();
                }
                await stage.Server.DisposeAsync().AsTask().Soon();
                await stage.ListenAsync();
                await storm.HasBeenAnsweredAsync(storm.Answered + 100);
            }
        });
        await AssertCalmAsync(stage, storm);
    }

    private void NeedsStorms() => SkipUnless(Wire.WithoutStorms is null, Wire.WithoutStorms ?? "");

    private static async Task AssertCalmAsync(Stage stage, Storm storm)
    {
        await Wait.UntilAsync(() => stage.Server.CallsInFlight == 0, "no handler runs any more");
        await Wait.UntilAsync(storm.WasEachEventHandled, "each event that was acknowledged has been handled");
        Assert.Equal(7, (await stage.Calls.UnaryAsync(new Item { Number = 7, Text = $"{StormManner.Answers}" }).ResponseAsync.Soon()).Number);
    }
}
