using System.Diagnostics;
using Twite.Lab.Processes;

namespace Twite.Lab.Tests.Processes;

/// <summary>Workers as they are: processes of the program.</summary>
public sealed class WorkerProcessTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task The_bare_socket_is_measured_in_two_processes_and_answers_rightly()
    {
        var workers = new WorkerProcesses(TwiteProgram.Worker);
        await using var server = workers.Start("the server");
        await using var client = workers.Start("the client");
        var opened = await server.AskAsync<Opened>(new OpenServer("socket", 1, "", 0), CancellationToken.None);
        await client.AskAsync<Done>(new OpenClient("socket", 1, "", opened.Addresses), CancellationToken.None);

        var before = await server.AskAsync<Usage>(new ReadUsage(), CancellationToken.None);
        var ran = await client.AskAsync<Ran>(new RunClosed(64, 0.5), CancellationToken.None);
        var after = await server.AskAsync<Usage>(new ReadUsage(), CancellationToken.None);

        Assert.True(ran.Calls > 64, $"Only {ran.Calls} calls were made.");
        Assert.Equal((0, null), (ran.Failures, ran.FirstFailure));
        // Half a second on the cores of this machine, and what starting threads takes.
        var most = (ran.Seconds + 1) * Environment.ProcessorCount * 1_000_000;
        Assert.InRange(ran.CpuMicroseconds, 1, most);
        Assert.InRange(after.CpuMicroseconds - before.CpuMicroseconds, 1, most);
    }

    [Fact]
    public async Task Sessions_of_another_seed_are_unknown_to_the_server()
    {
        var workers = new WorkerProcesses(TwiteProgram.Worker);
        await using var server = workers.Start("the server");
        await using var client = workers.Start("the client");
        var opened = await server.AskAsync<Opened>(new OpenServer("socket", 1, "", 0), CancellationToken.None);
        await client.AskAsync<Done>(new OpenClient("socket", 2, "", opened.Addresses), CancellationToken.None);
        var ran = await client.AskAsync<Ran>(new RunClosed(1, 0.1), CancellationToken.None);
        Assert.True(ran.Calls > 0);
        Assert.Equal(ran.Calls, ran.Failures);
    }

    [Fact]
    public async Task A_worker_ends_when_whoever_started_it_is_gone_even_while_it_is_busy()
    {
        using var process = Start();
        await process.StandardInput.WriteLineAsync(WorkerProtocol.Write(new OpenServer("direct", 1, "", 0)));
        await process.StandardInput.WriteLineAsync(WorkerProtocol.Write(new OpenClient("direct", 1, "", new Dictionary<string, string>())));
        await process.StandardOutput.ReadLineAsync();
        await process.StandardOutput.ReadLineAsync();
        // Calls that complete at once leave no thread of the pool free, for ten minutes.
        await process.StandardInput.WriteLineAsync(WorkerProtocol.Write(new RunClosed(64, 600)));
        process.StandardInput.Close();
        await process.WaitForExitAsync().WaitAsync(Patience);
        Assert.Equal(0, process.ExitCode);
    }

    [Fact]
    public async Task What_a_worker_cannot_do_is_said_in_a_sentence()
    {
        await using var worker = new WorkerProcesses(TwiteProgram.Worker).Start("the server");
        var error = await Assert.ThrowsAsync<WorkerException>(() => worker.AskAsync<Opened>(new OpenServer("pigeons", 1, "", 0), CancellationToken.None));
        Assert.Equal("the server: There is no column \"pigeons\".", error.Message);
    }

    [Fact]
    public async Task A_worker_that_has_died_is_told_from_one_that_is_slow()
    {
        await using var worker = new WorkerProcesses(() => new ProcessStartInfo("false")).Start("the server");
        var error = await Assert.ThrowsAsync<WorkerException>(() => worker.AskAsync<Usage>(new ReadUsage(), CancellationToken.None));
        Assert.StartsWith("The process of the server has ended by itself", error.Message);
    }

    private static Process Start()
    {
        var info = TwiteProgram.Worker();
        (info.RedirectStandardInput, info.RedirectStandardOutput, info.RedirectStandardError) = (true, true, true);
        return Process.Start(info)!;
    }
}
