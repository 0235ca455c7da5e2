using Anywire;
using Anywire.Grpc;
using Anywire.Nats;
using Twite.Faults;
using Twite.Lab.Processes;
using Twite.Lab.Tests.Processes;
using Twite.Lab.Tests.Rounds;

namespace Twite.Lab.Tests.Screen;

/// <summary>The scene screen with the real program: its processes, its services, its databases.</summary>
public sealed class WholeNetworkTests
{
    [Theory]
    [InlineData("inproc")]
    [InlineData("grpcs")]
    [InlineData("nats", Skip = LongForm.WhyNot, SkipUnless = nameof(LongForm.IsRequested), SkipType = typeof(LongForm))]
    public async Task Every_post_shows_once_and_in_order_on_every_screen(string key)
    {
        using var bed = new Bed
        {
            Plan = new Plan
            {
                Rounds = 2,
                Screen = TimeSpan.FromSeconds(1),
                WarmUp = TimeSpan.FromSeconds(1),
                People = (2, 3),
                PostRate = 5,
                LateAfter = TimeSpan.FromMinutes(1),
            },
        };
        // A worker knows its column by the key alone; here is what the comparison must know of it.
        var column = key == "nats"
            ? Column.Wire(key, key, "natss://127.0.0.1:{port}", () => new Transports(new NatsTransport()))
            : Column.Wire(key, key, "grpcs://127.0.0.1:{port}", () => new Transports(new GrpcTransport()));
        var report = await bed.RunAsync("screen", [column], new WorkerProcesses(TwiteProgram.Worker), CancellationToken.None);
        Assert.True(report.Complete, report.Incompleteness);
        var figures = Bed.Cell(report, "posting", key).Figures;
        Assert.Equal((0, 0, 0, 0), (figures["lost"].Max, figures["doubles"].Max, figures["inversions"].Max, figures["failures"].Max));
        // A commit to disk and a way through five services are not for nothing.
        Assert.True(figures["p50"].Min > 100 && figures["cpu_server"].Min > 100, $"p50 {figures["p50"].Min} µs, CPU {figures["cpu_server"].Min} µs");
        Assert.Equal(key == "nats", figures.ContainsKey("cpu_broker"));
    }
}
