using System.Collections.Immutable;
using NSec.Cryptography;

namespace Twite.Keys;

/// <summary>The message keys of all who have a folder of keys: each has its own private ones and the public ones of all others. Their numbers are those of the
/// authorities that are trusted, and the one that issues says which are used: so the steps that replace the authority replace them too.</summary>
/// <param name="path">The folder of all keys.</param>
internal sealed class MessageKeyring(string path)
{
    /// <summary>Makes what is missing and drops what is trusted no more; what is good stays as it is.</summary>
    /// <param name="names">Everybody who sends or receives.</param>
    /// <param name="state">Which numbers there are.</param>
    /// <param name="isRenewed">Whose keys are made anew even so.</param>
    /// <returns>Whose files have changed.</returns>
    public IReadOnlyList<string> Fit(IReadOnlyList<string> names, AuthorityState state, Func<string, bool> isRenewed)
    {
        var own = names.ToImmutableSortedDictionary(n => n, n => OwnOf(n, state, isRenewed(n)), StringComparer.Ordinal);
        var known = own.ToImmutableSortedDictionary(o => o.Key, o => PublicOf(o.Value), StringComparer.Ordinal);
        var changed = new List<string>();
        foreach (var name in names)
        {
            var text = new MessageKeyFile((uint)state.Issuer, own[name], known.Remove(name)).ToText();
            var file = MessageKeyFile.PathIn(FolderOf(name));
            if (!File.Exists(file) || File.ReadAllText(file) != text)
            {
                PrivateFile.WriteSecret(file, text);
                changed.Add(name);
            }
        }
        return changed;
    }

    /// <summary>What keeps one service from talking with others through a broker, in people's words; null when nothing does. Only what is here is compared: others'
    /// folders may be elsewhere.</summary>
    /// <param name="name">The service.</param>
    /// <param name="peers">Whom it talks with.</param>
    public string? ProblemOf(string name, IEnumerable<string> peers)
    {
        try
        {
            var folder = KeyFolder.Of(path, name);
            return MessageKeyFile.Read(folder) is not { } file ? "its message-keys.json is missing"
                : file.Peers.ContainsKey(name) ? "its message-keys.json is that of another service"
                : peers.Where(p => p != name).Select(p => ProblemWith(name, file, p)).OfType<string>().FirstOrDefault();
        }
        catch (Exception error) when (error is FormatException or IOException or UnauthorizedAccessException)
        {
            return error.Message;
        }
    }

    private string? ProblemWith(string name, MessageKeyFile file, string peer)
    {
        if (!file.Peers.TryGetValue(peer, out var known) || !known.ContainsKey(file.Current))
        {
            return $"it has no message key of {peer}";
        }
        if (!Directory.Exists(FolderOf(peer)) || MessageKeyFile.Read(FolderOf(peer)) is not { } theirs)
        {
            return null;
        }
        // Either side may be a step behind: what one uses the other must have.
        return !Agree(known, PublicOf(theirs.Own), file.Current, theirs.Current) || !Agree(theirs.Peers.GetValueOrDefault(name), PublicOf(file.Own), file.Current, theirs.Current)
            ? $"its message keys and those of {peer} do not belong together"
            : null;
    }

    private static bool Agree(ImmutableSortedDictionary<uint, byte[]>? known, ImmutableSortedDictionary<uint, byte[]> actual, params ReadOnlySpan<uint> used)
    {
        foreach (var number in used)
        {
            if (known is null || !known.TryGetValue(number, out var one) || !actual.TryGetValue(number, out var other) || !one.AsSpan().SequenceEqual(other))
            {
                return false;
            }
        }
        return true;
    }

    private string FolderOf(string name) => Path.Combine(path, name);

    private ImmutableSortedDictionary<uint, byte[]> OwnOf(string name, AuthorityState state, bool isRenewed)
    {
        var before = isRenewed ? null : Before(name);
        return state.Trusted.ToImmutableSortedDictionary(n => (uint)n, n => before?.GetValueOrDefault((uint)n) ?? NewKey());
    }

    private ImmutableSortedDictionary<uint, byte[]>? Before(string name)
    {
        try
        {
            // A copy of another's would give two services one key.
            return MessageKeyFile.Read(FolderOf(name)) is { } file && !file.Peers.ContainsKey(name) ? file.Own : null;
        }
        catch (FormatException)
        {
            // Mended, as certificates are that are no good.
            return null;
        }
    }

    private static byte[] NewKey()
    {
        using var key = Key.Create(KeyAgreementAlgorithm.X25519, new KeyCreationParameters { ExportPolicy = KeyExportPolicies.AllowPlaintextExport });
        return key.Export(KeyBlobFormat.RawPrivateKey);
    }

    private static ImmutableSortedDictionary<uint, byte[]> PublicOf(ImmutableSortedDictionary<uint, byte[]> own) => own.ToImmutableSortedDictionary(k => k.Key, k => PublicOf(k.Value));

    private static byte[] PublicOf(byte[] privateKey)
    {
        using var key = Key.Import(KeyAgreementAlgorithm.X25519, privateKey, KeyBlobFormat.RawPrivateKey);
        return key.PublicKey.Export(KeyBlobFormat.RawPublicKey);
    }
}
