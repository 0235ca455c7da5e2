using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Twite.Commands;

namespace Twite.Keys;

/// <summary>Which authorities there are. Immutable.</summary>
/// <param name="Issuer">The number of the one that issues certificates.</param>
/// <param name="Trusted">The numbers of those that services believe; the issuer is among them.</param>
/// <param name="Since">When that became so.</param>
internal sealed record AuthorityState(int Issuer, ImmutableArray<int> Trusted, DateTimeOffset Since)
{
    /// <summary>The one that will issue next, when it is trusted already; null when there is none.</summary>
    public int? Next => Trusted.Where(n => n > Issuer).Cast<int?>().FirstOrDefault();

    /// <summary>The one that issued before, while it is still trusted; null when there is none.</summary>
    public int? Previous => Trusted.Where(n => n < Issuer).Cast<int?>().FirstOrDefault();
}

/// <summary>The authorities' own folder: <c>ca-1.pem</c> and <c>ca-1.key</c>, another pair during a rotation, and <c>authority.json</c>, whose
/// replacement is what makes a step of a rotation happen. One process at a time.</summary>
/// <param name="path">The folder.</param>
internal sealed class AuthorityFolder(string path)
{
    private static readonly JsonSerializerOptions Format = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    /// <summary>Where it is.</summary>
    public string Path => path;

    /// <summary>Whether there are any authorities in it.</summary>
    public bool Exists => File.Exists(StateFile);

    private string StateFile => System.IO.Path.Combine(path, "authority.json");

    /// <summary>What there is.</summary>
    /// <exception cref="UsageException">The folder is not what it was.</exception>
    public AuthorityState Read()
    {
        try
        {
            var state = JsonSerializer.Deserialize<AuthorityState>(File.ReadAllText(StateFile), Format);
            return state is { Trusted.IsDefaultOrEmpty: false } && state.Trusted.Contains(state.Issuer)
                ? state
                : throw new UsageException($"{StateFile} does not say which authority issues. Restore the folder {path} from a copy.");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or JsonException)
        {
            throw new UsageException($"{StateFile} cannot be read: {error.Message} Restore the folder {path} from a copy.");
        }
    }

    /// <summary>Makes the first authority.</summary>
    public AuthorityState CreateFirst(DateTimeOffset now)
    {
        PrivateFile.MakeDirectory(path);
        WriteNew(1, now);
        return Become(new AuthorityState(1, [1], now));
    }

    /// <summary>Makes another authority, which is trusted from now on and issues nothing yet.</summary>
    public AuthorityState AddNext(AuthorityState state, DateTimeOffset now)
    {
        WriteNew(state.Issuer + 1, now);
        return Become(new AuthorityState(state.Issuer, [state.Issuer, state.Issuer + 1], now));
    }

    /// <summary>Has the next authority issue; the one before is still trusted, and its key is gone.</summary>
    public AuthorityState Promote(AuthorityState state, DateTimeOffset now)
    {
        var promoted = Become(state with { Issuer = state.Next!.Value, Since = now });
        File.Delete(KeyFile(state.Issuer));
        return promoted;
    }

    /// <summary>Trusts the issuing authority alone.</summary>
    public AuthorityState DropPrevious(AuthorityState state, DateTimeOffset now)
    {
        var alone = Become(new AuthorityState(state.Issuer, [state.Issuer], now));
        File.Delete(CertificateFile(state.Previous!.Value));
        return alone;
    }

    /// <summary>The authority that issues.</summary>
    /// <exception cref="UsageException">Its key is not here, or not its own.</exception>
    public Authority LoadIssuer(AuthorityState state)
    {
        try
        {
            return Authority.Load(File.ReadAllText(CertificateFile(state.Issuer)), File.ReadAllText(KeyFile(state.Issuer)));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException)
        {
            throw new UsageException($"The authority's certificate or key ({CertificateFile(state.Issuer)}, {KeyFile(state.Issuer)}) cannot be used: {error.Message} Restore the folder {path} from a copy.");
        }
    }

    /// <summary>The certificates of the trusted authorities, one after the other: what <c>ca.pem</c> holds.</summary>
    public string Bundle(AuthorityState state) => string.Concat(state.Trusted.Select(n => File.ReadAllText(CertificateFile(n)).TrimEnd() + "\n"));

    private AuthorityState Become(AuthorityState state)
    {
        PrivateFile.WriteSecret(StateFile, JsonSerializer.Serialize(state, Format) + "\n");
        return state;
    }

    private void WriteNew(int number, DateTimeOffset now)
    {
        using var authority = Authority.Create(now);
        using var key = authority.Certificate.GetECDsaPrivateKey()!;
        PrivateFile.WriteSecret(KeyFile(number), key.ExportPkcs8PrivateKeyPem() + "\n");
        PrivateFile.WritePublic(CertificateFile(number), authority.Certificate.ExportCertificatePem() + "\n");
    }

    private string CertificateFile(int number) => System.IO.Path.Combine(path, $"ca-{number}.pem");

    private string KeyFile(int number) => System.IO.Path.Combine(path, $"ca-{number}.key");
}
