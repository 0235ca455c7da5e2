using System.Runtime.CompilerServices;

namespace Twite.Style;

/// <summary>The files of the repository that this test was built from, without what builds leave behind.</summary>
internal static class Tree
{
    /// <summary>The folder that holds <c>Twite.slnx</c>.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>All files below a folder with one of the endings, as paths relative to the root with forward slashes.</summary>
    public static IEnumerable<string> Files(string folder, params string[] endings)
    {
        var start = Path.Combine(Root, folder);
        return Directory.Exists(start)
            ? Walk(new DirectoryInfo(start)).Where(f => endings.Any(e => f.EndsWith(e, StringComparison.Ordinal))).Order(StringComparer.Ordinal)
            : [];
    }

    /// <summary>The names of the folders directly below a folder.</summary>
    public static IEnumerable<string> Folders(string folder) =>
        new DirectoryInfo(Path.Combine(Root, folder)).EnumerateDirectories()
            .Where(d => !IsLeftover(d)).Select(d => d.Name).Order(StringComparer.Ordinal);

    /// <summary>A file's text.</summary>
    public static string Read(string path) => File.ReadAllText(Path.Combine(Root, path));

    private static IEnumerable<string> Walk(DirectoryInfo folder) =>
        folder.EnumerateFiles().Select(f => Path.GetRelativePath(Root, f.FullName).Replace('\\', '/'))
            .Concat(folder.EnumerateDirectories().Where(d => !IsLeftover(d)).SelectMany(Walk));

    private static bool IsLeftover(DirectoryInfo folder) =>
        folder.Name is "bin" or "obj" or "TestResults" or "BenchmarkDotNet.Artifacts" || folder.Name.StartsWith('.');

    private static string FindRoot([CallerFilePath] string thisFile = "")
    {
        for (var folder = Path.GetDirectoryName(thisFile); folder is not null; folder = Path.GetDirectoryName(folder))
        {
            if (File.Exists(Path.Combine(folder, "Twite.slnx")))
            {
                return folder;
            }
        }
        throw new InvalidOperationException($"No folder above {thisFile} holds Twite.slnx: run the tests where they were built.");
    }
}
