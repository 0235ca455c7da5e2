using System.Text.RegularExpressions;
using Twite.Commands;

namespace Twite.ProgramTests;

/// <summary>One <c>twite run</c> within this process, until it is disposed.</summary>
internal sealed partial class RunningProgram : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly StringWriter _output = new();
    private readonly StringWriter _errors = new();

    private RunningProgram(string[] arguments) => Exit = Task.Run(() => TwiteCommand.RunAsync(
        arguments, new Terminal(TextReader.Null, TextWriter.Synchronized(_output), TextWriter.Synchronized(_errors)), _stop.Token));

    /// <summary>Its exit code, once it ends.</summary>
    public Task<int> Exit { get; }

    /// <summary>What it wrote to its error stream.</summary>
    public string Errors => _errors.ToString();

    /// <summary>Where it said that it is.</summary>
    public Uri Url => new(UrlPattern().Match(_output.ToString()).Value);

    /// <summary>Starts it, and waits until it says where it is.</summary>
    public static async Task<RunningProgram> StartAsync(params string[] arguments)
    {
        var program = new RunningProgram(arguments);
        await UntilAsync(() =>
        {
            Assert.False(program.Exit.IsCompleted, $"It ended by itself: {program.Errors}");
            return Task.FromResult(program._output.ToString().Contains("Ctrl-C stops it", StringComparison.Ordinal));
        }, "it is up");
        return program;
    }

    /// <summary>Waits until something holds.</summary>
    public static async Task UntilAsync(Func<Task<bool>> condition, string what)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (!await condition())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(started) < TimeSpan.FromMinutes(1), $"After a minute it was still not so that {what}.");
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Exit;
        _stop.Dispose();
    }

    [GeneratedRegex("http://[0-9.:]+")]
    private static partial Regex UrlPattern();
}
