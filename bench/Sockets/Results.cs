using System.Globalization;
using System.Text.Json;
using Twite.Lab.Reports;

namespace Twite.Bench.Sockets;

/// <summary>All that was measured: printed as it comes, and kept for a file.</summary>
internal sealed class Results(TcpSettings settings)
{
    private static readonly JsonSerializerOptions Indented = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    private readonly List<object> _rows = [];
    private readonly List<object> _ratios = [];
    private readonly Machine _machine = Machine.This();
    private readonly List<string> _exceeded = [];
    private int _open;

    /// <summary>What follows is of this part.</summary>
    public string Part
    {
        get;
        set
        {
            field = value;
            Console.WriteLine($" {value}");
        }
    } = "";

    /// <summary>What one subject did under one load.</summary>
    public void Add(Contender contender, string load, IReadOnlyList<Sample> rounds)
    {
        Spread Of(Func<Sample, double> part) => Spread.Of(rounds.Select(part));
        var (cpu, rate, p50, p99) = (Of(s => s.Cpu), Of(s => s.Rate), Of(s => s.P50), Of(s => s.P99));
        var (caller, handler, late) = (Of(s => s.CallerBytes - contender.CallerMessages), Of(s => s.HandlerBytes - contender.HandlerMessages), Of(s => s.Late));
        var (callerCpu, handlerCpu) = (Of(s => s.CallerCpu), Of(s => s.HandlerCpu));
        var failures = rounds.Sum(s => s.Failures);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"  {load,-26} {contender.Name,-8} {cpu.Median,7:N2} µs CPU ({cpu.Lowest,6:N2} to {cpu.Highest,6:N2}) = {callerCpu.Median,6:N2} + {handlerCpu.Median,6:N2} {rate.Median,9:N0}/s   p50 {p50.Median,7:N1} p99 {p99.Median,8:N1} ({p99.Lowest:N0} to {p99.Highest:N0}) µs   {caller.Median,5:N0} + {handler.Median,5:N0} B{(late.Median > 0.01 ? $"   {late.Median:P0} sent late" : "")}"));
        if (failures > 0)
        {
            Exceed(contender.Name.Text, load, $"{failures:N0} calls failed: {rounds.First(s => s.Failures > 0).Problem}");
        }
        _rows.Add(new { Part, Load = load, Subject = contender.Name.Text, Cpu = cpu, CallerCpu = callerCpu, HandlerCpu = handlerCpu, Rate = rate, P50 = p50, P99 = p99, CallerBytes = caller, HandlerBytes = handler, Late = late, Failures = failures, Rounds = rounds });
    }

    /// <summary>How one figure stands to another, round by round, and what that is held to.</summary>
    /// <param name="what">What is compared with what.</param>
    /// <param name="load">Under which load.</param>
    /// <param name="own">The rounds of the one.</param>
    /// <param name="other">The rounds of the other.</param>
    /// <param name="part">The figure.</param>
    /// <param name="limit">What it is held to; null for nothing.</param>
    public void Compare(string what, string load, IReadOnlyList<Sample> own, IReadOnlyList<Sample> other, Func<Sample, double> part, Limit? limit)
    {
        // A late sender makes the other look slow, so such a round proves nothing. Its own it may itself have held up, and its latencies tell of that.
        var rounds = own.Zip(other).Where(static r => r.Second.IsOnTime).Select(r => part(r.First) / part(r.Second)).ToList();
        var problem = rounds.Count * 2 <= own.Count ? $"in {own.Count - rounds.Count} of {own.Count} rounds the sends to the other left late"
            : !Sample.IsSettled(other) ? "the other became cheaper all the time, so warm up longer"
            : null;
        if (problem is null)
        {
            Judge(what, load, rounds, limit);
            return;
        }
        Console.WriteLine($"      {what,-46} not judged: {problem}");
        _ratios.Add(new { Part, Load = load, What = what, Ratio = (Spread?)null, Limit = limit?.Value, IsLeast = limit?.IsLeast, Holds = (bool?)null, Problem = problem });
        _open += limit is null ? 0 : 1;
    }

    /// <summary>A figure, round by round, and what it is held to.</summary>
    public void Judge(string what, string load, IReadOnlyList<double> ratios, Limit? limit)
    {
        var ratio = Spread.Of(ratios);
        var holds = limit?.Holds(ratio.Median);
        var bound = limit is null ? "" : $"at {(limit.IsLeast ? "least" : "most")} {Times(limit.Value)}";
        Console.WriteLine($"      {what,-46} {Times(ratio.Median),8} ({Times(ratio.Lowest)} to {Times(ratio.Highest)})   {bound}{(holds == true ? " ✓" : "")}");
        if (holds == false)
        {
            Exceed(what, load, $"{Times(ratio.Median)}, {bound}");
        }
        _ratios.Add(new { Part, Load = load, What = what, Ratio = ratio, Limit = limit?.Value, IsLeast = limit?.IsLeast, Holds = holds });
    }

    /// <summary>A word that is no figure.</summary>
    public void Say(string words) => Console.WriteLine($"      {words}");

    /// <summary>Ends it.</summary>
    public async Task WriteAsync()
    {
        Console.WriteLine($" {(_exceeded.Count == 0 ? "no limit is exceeded" : $"{_exceeded.Count} limits are exceeded")}{(_open > 0 ? $", {_open} not judged" : "")}; the machine's load was {_machine.LoadBefore:0.0} before and {Machine.This().LoadBefore:0.0} at the end, with {_machine.Cores} processors");
        foreach (var exceeded in _exceeded)
        {
            Console.WriteLine($"  ✗ {exceeded}");
        }
        if (settings.Json is { } file)
        {
            var all = new { Machine = _machine, LoadAfter = Machine.This().LoadBefore, settings.Rounds, settings.Seconds, Rows = _rows, Ratios = _ratios };
            await File.WriteAllTextAsync(file, JsonSerializer.Serialize(all, Indented));
        }
    }

    private void Exceed(string what, string load, string words)
    {
        Console.WriteLine($"      ✗ {words}");
        _exceeded.Add($"{Part}, {load}: {what} {words}");
    }

    private static string Times(double ratio) => ratio < 1
        ? string.Create(CultureInfo.InvariantCulture, $"1/{1 / ratio:0.0}")
        : string.Create(CultureInfo.InvariantCulture, $"{ratio:0.##}");
}
