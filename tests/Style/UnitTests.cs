namespace Twite.Style;

/// <summary>The units for systemd, as far as they can be judged where none runs.</summary>
public sealed class UnitTests
{
    private const string Folder = "deploy/systemd";

    [Fact]
    public void What_wants_a_unit_is_enabled_with_it()
    {
        var own = Tree.Files(Folder, ".service", ".target").Select(Path.GetFileName).ToHashSet();
        var forgotten = from file in Tree.Files(Folder, ".service", ".target")
                        from wanting in Settings(file, "WantedBy")
                        where wanting != "multi-user.target" && !(own.Contains(wanting) && Settings(file, "Also").Contains(wanting))
                        select $"{file} is wanted by {wanting}, which nobody enables: name it in Also=";
        Verdict.Nothing(forgotten);
    }

    [Fact]
    public void What_is_started_again_is_for_as_long_as_it_takes()
    {
        var givenUp = Tree.Files(Folder, ".service")
            .Where(f => Settings(f, "Restart").Count > 0 && !Settings(f, "StartLimitIntervalSec").SequenceEqual(["0"]))
            .Select(f => $"{f} is given up after five starts in ten seconds: set StartLimitIntervalSec=0");
        Verdict.Nothing(givenUp);
    }

    private static IReadOnlyList<string> Settings(string file, string name) =>
        [.. Tree.Read(file).Split('\n').Where(l => l.StartsWith(name + "=", StringComparison.Ordinal)).Select(l => l[(name.Length + 1)..])];
}
