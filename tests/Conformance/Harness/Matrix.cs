using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Text;

[assembly: AssemblyFixture(typeof(Anywire.Conformance.Matrix))]

namespace Anywire.Conformance;

/// <summary>Case by transport: what a run has shown. Printed when the run ends; <c>TWITE_UPDATE_CONFORMANCE=1</c> also writes it to
/// <c>docs/conformance.md</c>, as it is: run the whole suite when you set it.</summary>
public sealed class Matrix : IDisposable
{
    private readonly ConcurrentDictionary<(string Case, string Wire), Outcome> _outcomes = new();

    /// <summary>Notes one outcome.</summary>
    /// <param name="subject">The subject the case belongs to.</param>
    /// <param name="name">The case.</param>
    /// <param name="wire">The transport.</param>
    /// <param name="word">ok, skip or FAIL.</param>
    /// <param name="reason">Why it was skipped.</param>
    public void Note(string subject, string name, string wire, string word, string? reason)
    {
        // The rows of a theory share one line: the worst of them counts.
        _outcomes.AddOrUpdate((name, wire), new Outcome(subject, word, reason), (_, was) => was.Word == "FAIL" || word == "ok" ? was : new Outcome(subject, word, reason));
    }

    public void Dispose()
    {
        if (_outcomes.IsEmpty)
        {
            return;
        }
        var text = Render();
        Console.WriteLine(text);
        if (Environment.GetEnvironmentVariable("TWITE_UPDATE_CONFORMANCE") is "1")
        {
            var file = Path.Combine(Path.GetDirectoryName(ThisFile())!, "..", "..", "..", "docs", "conformance.md");
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            File.WriteAllText(file, text);
        }
    }

    private string Render()
    {
        string[] wires = [.. _outcomes.Keys.Select(k => k.Wire).Distinct().Order(StringComparer.Ordinal)];
        var text = new StringBuilder();
        text.Append("# What every transport was seen to do\n\n")
            .Append("One suite, `tests/Conformance`, run over every transport. This page is what a run printed\n")
            .Append("(`TWITE_UPDATE_CONFORMANCE=1 ./test --long Conformance` writes it anew). A case is skipped only where the transport declares that it\n")
            .Append("lacks something which the design allows it to lack; the reasons stand below.\n\n");
        text.Append("| | ").AppendJoin(" | ", wires).Append(" |\n|---|").Append(string.Concat(wires.Select(_ => "---|"))).Append('\n');
        foreach (var wire in wires)
        {
            var all = _outcomes.Where(o => o.Key.Wire == wire).Select(o => o.Value.Word).ToList();
            text.Append(wire == wires[0] ? "| **passed, skipped, failed** |" : "").Append($" {all.Count(w => w == "ok")}, {all.Count(w => w == "skip")}, {all.Count(w => w == "FAIL")} |");
        }
        text.Append('\n');
        foreach (var subject in _outcomes.GroupBy(o => o.Value.Subject).OrderBy(g => g.Key, StringComparer.Ordinal))
        {
            text.Append($"| **{subject.Key}** |").Append(string.Concat(wires.Select(_ => " |"))).Append('\n');
            foreach (var name in subject.Select(o => o.Key.Case).Distinct().Order(StringComparer.Ordinal))
            {
                text.Append($"| {name.Replace('_', ' ')} | ")
                    .AppendJoin(" | ", wires.Select(w => _outcomes.TryGetValue((name, w), out var o) ? o.Word : "–")).Append(" |\n");
            }
        }
        var skipped = _outcomes.Where(o => o.Value.Word == "skip").OrderBy(o => o.Key.Wire, StringComparer.Ordinal).ThenBy(o => o.Key.Case, StringComparer.Ordinal).ToList();
        text.Append(skipped.Count == 0 ? "\nNothing was skipped.\n" : "\n");
        foreach (var skip in skipped)
        {
            text.Append($"- {skip.Key.Wire}: {skip.Key.Case.Replace('_', ' ')}: {skip.Value.Reason}\n");
        }
        return text.ToString();
    }

    private static string ThisFile([CallerFilePath] string path = "") => path;

    private sealed record Outcome(string Subject, string Word, string? Reason);
}
