using System.Xml;
using System.Xml.Linq;

namespace Twite.Style;

/// <summary>Each package is there for a reason that is written down, once, with one exact version.</summary>
public sealed class PackageTests
{
    public static TheoryData<string> Packages => [.. Versions().Select(v => (string)v.Attribute("Include")!)];

    [Theory, MemberData(nameof(Packages))]
    public void Has_a_comment_that_says_why_it_is_there(string package)
    {
        var above = Versions().Single(v => (string)v.Attribute("Include")! == package).NodesBeforeSelf()
            .LastOrDefault(n => n is not XText { Value: var text } || !string.IsNullOrWhiteSpace(text));
        Assert.True(above is XComment { Value.Length: > 8 }, $"{package} in Directory.Packages.props needs a comment directly above it that says why it is there.");
    }

    [Theory, MemberData(nameof(Packages))]
    public void Has_one_exact_version(string package)
    {
        var version = (string?)Versions().Single(v => (string)v.Attribute("Include")! == package).Attribute("Version");
        Assert.Matches(@"^\d+\.\d+\.\d+(-[a-z0-9.]+)?$", version);
    }

    [Fact]
    public void Is_used_by_some_project()
    {
        var used = Tree.Files("", ".csproj", ".props")
            .SelectMany(f => XDocument.Load(Path.Combine(Tree.Root, f)).Descendants("PackageReference"))
            .Select(r => (string?)r.Attribute("Include")).ToHashSet();
        // Pins of what other packages bring along are named by no project; their comment says whose they are.
        var idle = Versions().Where(v => !used.Contains((string?)v.Attribute("Include")) && (string?)v.Attribute("Pin") is null)
            .Select(v => (string?)v.Attribute("Include"));
        Verdict.Nothing(idle);
    }

    private static IEnumerable<XElement> Versions() =>
        XDocument.Load(XmlReader.Create(Path.Combine(Tree.Root, "Directory.Packages.props"))).Descendants("PackageVersion");
}
