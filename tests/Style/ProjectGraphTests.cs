using System.Xml.Linq;

namespace Twite.Style;

/// <summary>Who may reference whom (design, section 2). A service that could see a transport, or another service, would soon know it.</summary>
public sealed class ProjectGraphTests
{
    private const string Waist = "Anywire";
    private const string AspNet = "Microsoft.AspNetCore.App";

    public static TheoryData<string> Projects => [.. Tree.Files("src", ".csproj")];

    [Theory, MemberData(nameof(Projects))]
    public void References_only_what_the_design_allows(string project)
    {
        var allowed = Allowed(project);
        var refused = Referenced(project).Where(r => allowed is not null && !allowed.Contains(r)).ToList();
        Assert.True(refused.Count == 0,
            $"{project} references {string.Join(", ", refused)}; it may reference {(allowed is { Count: 0 } ? "nothing" : string.Join(", ", allowed ?? []))}.");
    }

    [Theory, MemberData(nameof(Projects))]
    public void Nobody_references_the_program(string project) =>
        Assert.DoesNotContain("Twite", Referenced(project));

    [Theory, MemberData(nameof(Projects))]
    public void Services_contracts_storage_and_the_waist_do_without_AspNet(string project)
    {
        var mayUseIt = Kind(project) is "transport" or "Anywire.HttpConnections" or "Web" or "Lab" or "Twite";
        var uses = Load(project).Descendants("FrameworkReference").Any(f => (string?)f.Attribute("Include") == AspNet);
        Assert.True(mayUseIt || !uses, $"{project} must not know ASP.NET Core: only transports, the front end, the lab and the program do.");
    }

    [Fact]
    public void Every_project_is_in_the_solution()
    {
        var listed = XDocument.Load(Path.Combine(Tree.Root, "Twite.slnx")).Descendants("Project")
            .Select(p => (string?)p.Attribute("Path")).ToHashSet();
        var missing = new[] { "src", "tests", "bench" }.SelectMany(f => Tree.Files(f, ".csproj")).Where(p => !listed.Contains(p));
        Verdict.Nothing(missing);
    }

    private static string Kind(string project) => project.Split('/') switch
    {
        ["src", "Anywire", Waist or "Anywire.HttpConnections" or "Anywire.Messaging", _] => project.Split('/')[2],
        ["src", "Anywire", _, _] => "transport",
        ["src", "Services", _, _] => "service",
        ["src", var name, _] => name,
        _ => throw new InvalidOperationException($"{project} is at no place that the design knows."),
    };

    // null: anything.
    private static HashSet<string>? Allowed(string project) => Kind(project) switch
    {
        Waist or "Storage" or "Unicode" => [],
        "Contracts" or "Anywire.HttpConnections" or "Anywire.Messaging" => [Waist],
        // Those over HTTP share its connections, those over brokers the form of messages.
        "transport" => [Waist, "Anywire.HttpConnections", "Anywire.Messaging"],
        "service" => [Waist, "Contracts", "Storage", "Unicode"],
        "Web" => [Waist, "Contracts", "Unicode"],
        "Lab" => [Waist, "Contracts"],
        "Twite" => null,
        var other => throw new InvalidOperationException($"The design does not say what {other} may reference."),
    };

    private static IEnumerable<string> Referenced(string project) =>
        Load(project).Descendants("ProjectReference")
            .Select(r => Path.GetFileNameWithoutExtension((string)r.Attribute("Include")!));

    private static XDocument Load(string project) => XDocument.Load(Path.Combine(Tree.Root, project));
}
