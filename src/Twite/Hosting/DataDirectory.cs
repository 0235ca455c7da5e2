using Twite.Storage;

namespace Twite.Hosting;

/// <summary>Where the services' files are.</summary>
internal static class DataDirectory
{
    /// <summary>Makes the directory when it does not exist, for its owner alone: it holds hashed passwords and keys.</summary>
    /// <exception cref="StorageException">It cannot be made.</exception>
    public static void Create(string path)
    {
        try
        {
            if (Directory.Exists(path))
            {
                return;
            }
            if (OperatingSystem.IsWindows())
            {
                Directory.CreateDirectory(path);
            }
            else
            {
                Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new StorageException(
                StorageFailure.ReadOnly, $"The data directory {path} cannot be made: {error.Message} Choose another one with --data DIR.", error);
        }
    }
}
