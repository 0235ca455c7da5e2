using System.Threading.Channels;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Twite.Commands;
using Twite.Supervision;

namespace Twite.ProgramTests;

/// <summary>What is started, started again, and stopped, and in which order. Processes are stand-ins; tests/Processes has real ones.</summary>
public sealed class SupervisorTests : IAsyncDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly List<SupervisedInstance> _instances = [];

    [Fact]
    public async Task What_crashes_is_started_again_each_time_later()
    {
        var launches = new Launches();
        var instance = Supervised("accounts", launches);
        instance.Start();
        var pauses = new List<TimeSpan>();
        var first = await launches.NextAsync();
        first.Say(new ChildReport(ChildState.Ready));
        await instance.Ready;
        first.End(139);
        for (var crash = 0; crash < 6; crash++)
        {
            pauses.Add(await PauseAsync(launches));
            (await launches.NextAsync()).End(1);
        }
        Assert.All(pauses.Zip(pauses.Skip(2)), p => Assert.True(p.Second > p.First, string.Join(", ", pauses)));
        Assert.False(instance.Failed.IsCompleted);
    }

    [Fact]
    public void A_pause_doubles_up_to_its_bound_and_begins_anew_after_a_while_of_doing_well()
    {
        var backoff = new RestartBackoff(new Random(1));
        var pauses = Enumerable.Range(0, 20).Select(_ => backoff.Next(TimeSpan.Zero)).ToList();
        Assert.InRange(pauses[0].TotalMilliseconds, 100, 200);
        Assert.InRange(pauses[3].TotalMilliseconds, 800, 1_600);
        Assert.All(pauses.Skip(8), p => Assert.InRange(p, RestartBackoff.Longest / 2, RestartBackoff.Longest));
        Assert.InRange(backoff.Next(RestartBackoff.Well).TotalMilliseconds, 100, 200);
    }

    [Fact]
    public async Task What_somebody_stopped_is_started_again_at_once()
    {
        var launches = new Launches();
        var instance = Supervised("accounts", launches);
        instance.Start();
        (await launches.NextAsync()).End(0);
        await launches.NextAsync();
        Assert.False(instance.Failed.IsCompleted);
    }

    [Fact]
    public async Task What_was_asked_for_wrongly_is_not_started_again_and_says_its_sentence()
    {
        var launches = new Launches();
        var instance = Supervised("accounts", launches);
        instance.Start();
        var child = await launches.NextAsync();
        child.Say(new ChildReport(ChildState.Failed, "That is no setting."));
        child.End(ExitCodes.Usage);
        Assert.Equal(new Failure(ExitCodes.Usage, "That is no setting."), await instance.Failed);
        Assert.Equal(1, launches.Count);
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task What_was_ready_and_cannot_be_started_again_is_tried_on(bool isUsage)
    {
        var launches = new Launches();
        var instance = Supervised("accounts", launches);
        instance.Start();
        var first = await launches.NextAsync();
        first.Say(new ChildReport(ChildState.Ready));
        await instance.Ready;
        launches.Fails = !isUsage;
        first.End(isUsage ? ExitCodes.Usage : 1);
        if (!isUsage)
        {
            await PauseAsync(launches);
            launches.Fails = false;
        }
        await PauseAsync(launches);
        Assert.False(instance.Failed.IsCompleted);
    }

    [Fact]
    public async Task What_never_gets_ready_is_given_up()
    {
        var launches = new Launches();
        var instance = Supervised("accounts", launches);
        instance.Start();
        for (var run = 0; run < 3; run++)
        {
            if (run > 0)
            {
                await PauseAsync(launches);
            }
            var child = await launches.NextAsync();
            child.Say(new ChildReport(ChildState.Failed, "The port is taken."));
            child.End(ExitCodes.Failed);
        }
        Assert.Equal(new Failure(ExitCodes.Failed, "accounts cannot start: The port is taken."), await instance.Failed);
    }

    [Fact]
    public async Task Front_ends_start_last_and_stop_first()
    {
        var (services, frontEnds) = (new Launches(), new Launches());
        var supervisor = new Supervisor([[Supervised("accounts", services)], [Supervised("web", frontEnds)]], NullLogger.Instance, _time);
        var starting = supervisor.StartAsync(CancellationToken.None);
        var accounts = await services.NextAsync();
        Assert.Equal(0, frontEnds.Count);
        accounts.Say(new ChildReport(ChildState.Degraded, "degraded: web cannot be reached"));
        var web = await frontEnds.NextAsync();
        web.Say(new ChildReport(ChildState.Ready, Urls: ["http://localhost:1"]));
        accounts.Say(new ChildReport(ChildState.Ready));
        Assert.Null(await starting);

        var stopping = supervisor.StopAsync();
        await web.Stopped;
        Assert.False(accounts.Stopped.IsCompleted);
        web.End(0);
        await accounts.Stopped;
        accounts.End(0);
        Assert.Empty(await stopping);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Those_that_start_together_are_given_a_moment_to_find_each_other(bool areFound)
    {
        var launches = new Launches();
        var supervisor = new Supervisor([[Supervised("accounts", launches)]], NullLogger.Instance, _time);
        var starting = supervisor.StartAsync(CancellationToken.None);
        var accounts = await launches.NextAsync();
        accounts.Say(new ChildReport(ChildState.Degraded, "degraded: messages cannot be reached"));
        await supervisor.All[0].Ready;
        Assert.False(starting.IsCompleted);
        if (areFound)
        {
            accounts.Say(new ChildReport(ChildState.Ready));
        }
        else
        {
            await PauseAsync(() => starting.IsCompleted);
        }
        Assert.Null(await starting);
        Assert.Equal(areFound, supervisor.All[0].Whole.IsCompleted);
    }

    [Fact]
    public async Task What_ends_while_all_are_told_to_stop_is_not_started_again()
    {
        var (services, frontEnds) = (new Launches(), new Launches());
        var supervisor = new Supervisor([[Supervised("accounts", services)], [Supervised("web", frontEnds)]], NullLogger.Instance, _time);
        var starting = supervisor.StartAsync(CancellationToken.None);
        var accounts = await services.NextAsync();
        accounts.Say(new ChildReport(ChildState.Ready));
        var web = await frontEnds.NextAsync();
        web.Say(new ChildReport(ChildState.Ready));
        await starting;
        var stopping = supervisor.StopAsync();
        await web.Stopped;
        accounts.End(0);
        web.End(1);
        Assert.Equal(["web"], await stopping);
        Assert.Equal(1, services.Count);
    }

    [Fact]
    public async Task What_does_not_stop_is_ended_by_force_and_that_is_said()
    {
        var launches = new Launches();
        var instance = Supervised("accounts", launches);
        instance.Start();
        var child = await launches.NextAsync();
        var stopping = instance.StopAsync();
        await child.Stopped;
        while (!stopping.IsCompleted)
        {
            _time.Advance(TimeSpan.FromSeconds(5));
            await Task.Yield();
        }
        Assert.False(await stopping);
        Assert.True(child.WasKilled);
    }

    [Fact]
    public async Task What_hangs_once_it_was_ready_is_ended_by_force_and_started_again()
    {
        var launches = new Launches();
        var instance = Supervised("accounts", launches);
        instance.Start();
        var child = await launches.NextAsync();
        child.Say(new ChildReport(ChildState.Ready));
        await instance.Ready;
        var silent = _time.GetUtcNow();
        while (launches.Count == 1)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System);
        }
        Assert.True(child.WasKilled);
        Assert.True(_time.GetUtcNow() - silent >= Lifeline.DrainTimeout, $"It had {_time.GetUtcNow() - silent}.");
    }

    [Fact]
    public async Task What_says_the_same_again_and_again_does_not_hang()
    {
        var launches = new Launches();
        var instance = Supervised("accounts", launches);
        instance.Start();
        var child = await launches.NextAsync();
        for (var second = 0; second < 90; second++)
        {
            var report = new ChildReport(ChildState.Ready);
            child.Say(report);
            while (!ReferenceEquals(instance.Report, report))
            {
                await Task.Yield();
            }
            _time.Advance(TimeSpan.FromSeconds(1));
        }
        Assert.False(child.WasKilled);
    }

    [Fact]
    public void Log_lines_stand_behind_their_names_in_colours_only_when_wanted()
    {
        using var plain = new StringWriter();
        new InterleavedLog(plain, ["web", "accounts"], isColoured: false).Write("web", "hello");
        Assert.Equal("web      | hello", plain.ToString().TrimEnd());
        using var coloured = new StringWriter();
        new InterleavedLog(coloured, ["web", "accounts"], isColoured: true).Write("accounts", "hello");
        Assert.Equal("\e[32maccounts |\e[0m hello", coloured.ToString().TrimEnd());
        Assert.True(InterleavedLog.IsColourWanted(isRedirected: false, _ => null));
        Assert.False(InterleavedLog.IsColourWanted(isRedirected: true, _ => null));
        Assert.False(InterleavedLog.IsColourWanted(isRedirected: false, name => name == "NO_COLOR" ? "1" : null));
    }

    [Fact]
    public void A_report_is_a_line_that_is_understood_again()
    {
        var report = new ChildReport(ChildState.Degraded, "degraded: \"web\"\ncannot", ["http://localhost:1"]);
        Assert.DoesNotContain('\n', report.ToLine());
        Assert.Equal(report.ToLine(), ChildReport.Parse(report.ToLine())!.ToLine());
        Assert.Null(ChildReport.Parse("Hello"));
        Assert.Null(ChildReport.Parse("{ no JSON"));
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var instance in _instances)
        {
            await instance.DisposeAsync();
        }
    }

    private SupervisedInstance Supervised(string name, Launches launches)
    {
        var instance = new SupervisedInstance(name, launches.Launch, new RestartBackoff(new Random(7)), NullLogger.Instance, _time);
        _instances.Add(instance);
        return instance;
    }

    // Moves the clock until the next process is started.
    private Task<TimeSpan> PauseAsync(Launches launches)
    {
        var before = launches.Count;
        return PauseAsync(() => launches.Count != before);
    }

    private async Task<TimeSpan> PauseAsync(Func<bool> isOver)
    {
        var pause = TimeSpan.Zero;
        while (!isOver())
        {
            var step = TimeSpan.FromMilliseconds(5);
            _time.Advance(step);
            pause += step;
            // The loop goes on in the pool; what it does there takes a moment of real time.
            await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System);
        }
        return pause;
    }

    /// <summary>Starts stand-ins, and hands them to the test.</summary>
    private sealed class Launches
    {
        private readonly Channel<StandIn> _started = Channel.CreateUnbounded<StandIn>();
        private int _count;

        public int Count => Volatile.Read(ref _count);

        /// <summary>Whether the system gives no process.</summary>
        public bool Fails { get; set; }

        public IChild Launch()
        {
            if (Fails)
            {
                Interlocked.Increment(ref _count);
                throw new IOException("The system gives no process.");
            }
            var child = new StandIn();
            _started.Writer.TryWrite(child);
            Interlocked.Increment(ref _count);
            return child;
        }

        public async Task<StandIn> NextAsync() => await _started.Reader.ReadAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(30));
    }

    private sealed class StandIn : IChild
    {
        private readonly Channel<ChildReport> _reports = Channel.CreateUnbounded<ChildReport>();
        private readonly TaskCompletionSource<int> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public int Id => 1;

        public Task Stopped => _stopped.Task;

        public bool WasKilled { get; private set; }

        public void Say(ChildReport report) => _reports.Writer.TryWrite(report);

        public void End(int code)
        {
            _ended.TrySetResult(code);
            _reports.Writer.TryComplete();
        }

        public IAsyncEnumerable<ChildReport> ReadReportsAsync() => _reports.Reader.ReadAllAsync();

        public Task<int> WaitForExitAsync() => _ended.Task;

        public void Stop() => _stopped.TrySetResult();

        public void Kill()
        {
            WasKilled = true;
            End(137);
        }

        public void Dispose()
        {
        }
    }
}
