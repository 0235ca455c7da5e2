using Microsoft.Extensions.Configuration;
using Twite.Storage;

namespace Twite.Hosting;

/// <summary>Where the services keep their tables: in files in the data directory unless a setting names a server.</summary>
internal static class StorageSettings
{
    private const string ForAll = "Storage:ConnectionString";

    /// <summary>The server of a service: its own (<c>Accounts:ConnectionString</c>), or the one of all (<c>Storage:ConnectionString</c>); null for
    /// files.</summary>
    /// <exception cref="FormatException">The setting is no connection string.</exception>
    public static PostgresServer? ServerOf(IConfiguration configuration, string service)
    {
        var own = $"{service}:ConnectionString";
        return configuration[own] is { Length: > 0 } given ? new PostgresServer(given, own)
            : configuration[ForAll] is { Length: > 0 } all ? new PostgresServer(all, ForAll)
            : null;
    }

    /// <summary>Where they are, in people's words.</summary>
    public static string Describe(IConfiguration configuration, string dataDirectory) =>
        configuration[ForAll] is { Length: > 0 } all ? $"its tables in {new PostgresServer(all, ForAll)}" : $"its files in {dataDirectory}";
}
