using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Twite.Lab.Tests.Processes;

/// <summary>The program as the lab starts it.</summary>
internal static class TwiteProgram
{
    /// <summary>How to start it as a worker.</summary>
    public static ProcessStartInfo Worker() => new("dotnet", [Path(), "compare-worker"]);

    // The same configuration as this test's own.
    private static string Path([CallerFilePath] string thisFile = "")
    {
        var root = System.IO.Path.GetFullPath(System.IO.Path.Combine(System.IO.Path.GetDirectoryName(thisFile)!, "..", "..", ".."));
        return System.IO.Path.Combine(root, "src", "Twite", "bin", new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name, "net10.0", "twite.dll");
    }
}
