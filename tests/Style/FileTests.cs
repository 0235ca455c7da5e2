using System.Text.RegularExpressions;

namespace Twite.Style;

/// <summary>What holds for every file, whatever it says.</summary>
public sealed partial class FileTests
{
    private const int MaxLines = 400;

    private static readonly string[] Everywhere = ["src", "tests", "bench", "contracts", "eng", "topologies", "examples"];

    [Fact]
    public void No_file_is_longer_than_400_lines()
    {
        var tooLong = Everywhere.SelectMany(f => Tree.Files(f, ".cs", ".css", ".js", ".proto", ".sql", ".cshtml", ".json", ".py"))
            .Select(f => (File: f, Lines: Tree.Read(f).AsSpan().Count('\n')))
            .Where(f => f.Lines > MaxLines)
            .Select(f => $"{f.File} has {f.Lines} lines: split it by subject (Type.Aspect.cs)");
        Verdict.Nothing(tooLong);
    }

    [Fact]
    public void Folders_are_named_for_their_subject()
    {
        var forbidden = Everywhere.SelectMany(f => Tree.Files(f, ""))
            .Where(f => f.Split('/').Any(part => ForbiddenFolder().IsMatch(Path.GetFileNameWithoutExtension(part))));
        Verdict.Nothing(forbidden);
    }

    [Fact]
    public void Nothing_is_left_to_do_in_a_comment()
    {
        // C# is looked at by its syntax (SourceTests).
        var left = Everywhere.SelectMany(f => Tree.Files(f, ".proto", ".sql", ".css", ".js", ".cshtml", ".csproj", ".props", ".sh", ".json", ".py"))
            .Where(f => ToDo().IsMatch(Tree.Read(f)));
        Verdict.Nothing(left);
    }

    [Theory, InlineData("src/Anywire"), InlineData("src/Services")]
    public void Each_transport_and_service_has_a_page(string folder)
    {
        var without = Tree.Folders(folder).Where(f => !File.Exists(Path.Combine(Tree.Root, folder, f, "README.md")))
            .Select(f => $"{folder}/{f} has no README.md");
        Verdict.Nothing(without);
    }

    [GeneratedRegex("^(Common|Shared|Domain|Application|Infrastructure|Abstractions|Helpers?|Utils?|Utilities|Misc|Core)$|\\.Abstractions$")]
    private static partial Regex ForbiddenFolder();

    [GeneratedRegex(@"\b(TODO|FIXME|HACK|XXX)\b")]
    internal static partial Regex ToDo();
}
