using Twite.Brokers;
using Twite.Commands;
using Twite.Supervision;
using Twite.Topologies;

namespace Twite.ProgramTests;

/// <summary>The error stream leads to a disk that is full: what would be written there is lost, and nothing else is.</summary>
public sealed class FullDiskTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly List<string> _lost = [];

    public void Dispose() => Assert.NotEmpty(_lost);

    [Fact]
    public async Task A_command_ends_with_its_exit_code()
    {
        var terminal = new Terminal(TextReader.Null, TextWriter.Null, new FullDisk(_lost));
        Assert.Equal(ExitCodes.Usage, await TwiteCommand.RunAsync(["run", "--topology", "nowhere"], terminal, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_service_ends_as_it_would()
    {
        using var child = ChildProcess.Start(["run", "--topology", "nowhere"], LogTo(new FullDisk(_lost)));
        Assert.Equal(ExitCodes.Usage, await child.WaitForExitAsync().WaitAsync(Patience, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_broker_writes_as_much_as_it_likes()
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("Brokers are kept by a shell.");
        }
        // More than a pipe holds, on both streams.
        const string Talk = "i=0; while [ $i -lt 5000 ]; do echo 'a line of forty characters, more or less'; echo 'and another one of them' >&2; i=$((i + 1)); done";
        var start = new BrokerStart("/bin/sh", ["-c", Talk], new Dictionary<string, string>(StringComparer.Ordinal), MapperPort: null);
        var site = Assert.Single(OwnBrokers.Of(TopologyFile.Load("nats")).Sites);
        using var child = BrokerChild.Start(start, new BrokerProbe(site, credentials: null), LogTo(new FullDisk(_lost)));
        Assert.Equal(ExitCodes.Failed, await child.WaitForExitAsync().WaitAsync(Patience, TestContext.Current.CancellationToken));
        Assert.Equal(10_000, _lost.Count);
    }

    private static Action<string> LogTo(TextWriter writer)
    {
        var log = new InterleavedLog(writer, ["one"], isColoured: false);
        return line => log.Write("one", line);
    }

    private sealed class FullDisk(List<string> lost) : StringWriter
    {
        public override void WriteLine(string? value)
        {
            lost.Add(value!);
            throw new IOException("No space left on device");
        }
    }
}
