using System.Text;

namespace Twite.Keys;

/// <summary>Writes files that are there entirely or not at all, whoever reads meanwhile and whenever the machine stops.</summary>
internal static class PrivateFile
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode Readable = OwnerOnly | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    /// <summary>Replaces a file that only its owner may read.</summary>
    public static void WriteSecret(string path, string text) => Replace(Prepare(path, text, OwnerOnly));

    /// <summary>Writes a file that only its owner may read, unless it is there: what is in it stays.</summary>
    public static void WriteSecretOnce(string path, Func<string> text)
    {
        if (!File.Exists(path))
        {
            WriteSecret(path, text());
        }
    }

    /// <summary>Replaces a file that holds no secret.</summary>
    public static void WritePublic(string path, string text) => Replace(Prepare(path, text, Readable));

    /// <summary>Replaces a secret and what belongs to it, as good as at once: who reads between the two finds that they do not belong together.</summary>
    public static void WritePair(string secretPath, string secret, string publicPath, string text)
    {
        var prepared = new[] { Prepare(secretPath, secret, OwnerOnly), Prepare(publicPath, text, Readable) };
        Array.ForEach(prepared, Replace);
    }

    /// <summary>Makes a directory, for its owner alone.</summary>
    public static void MakeDirectory(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(path);
        }
        else
        {
            Directory.CreateDirectory(path, OwnerOnly | UnixFileMode.UserExecute);
        }
    }

    private static void Replace((string Fresh, string Path) file) => File.Move(file.Fresh, file.Path, overwrite: true);

    // The new file, on the disk under another name.
    private static (string Fresh, string Path) Prepare(string path, string text, UnixFileMode mode)
    {
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, Share = FileShare.None };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = mode;
        }
        var fresh = path + ".new";
        // One that a crash left behind may have other rights.
        File.Delete(fresh);
        using (var file = new FileStream(fresh, options))
        {
            file.Write(Encoding.UTF8.GetBytes(text));
            file.Flush(flushToDisk: true);
        }
        return (fresh, path);
    }
}
