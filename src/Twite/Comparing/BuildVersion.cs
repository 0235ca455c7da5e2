using System.Reflection;
using System.Security.Cryptography;

namespace Twite.Comparing;

/// <summary>Which program it is, also where no version control knows.</summary>
internal static class BuildVersion
{
    /// <summary>The version.</summary>
    public static string Number { get; } =
        typeof(BuildVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];

    /// <summary>The version, and a digest of the program's own files: the same sources built by the same compiler give the same.</summary>
    public static string This()
    {
        using var digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var file in Directory.EnumerateFiles(AppContext.BaseDirectory, "*.dll").Where(IsOwn).Order(StringComparer.Ordinal))
        {
            digest.AppendData(File.ReadAllBytes(file));
        }
        return $"{Number} (build {Convert.ToHexStringLower(digest.GetHashAndReset())[..12]})";
    }

    private static bool IsOwn(string file) =>
        Path.GetFileName(file) is var name && (name.StartsWith("Twite.", StringComparison.OrdinalIgnoreCase) || name.StartsWith("Anywire", StringComparison.Ordinal));
}
