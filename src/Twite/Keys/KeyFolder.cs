using System.Security.Cryptography.X509Certificates;
using Anywire.Messaging;
using Twite.Commands;

namespace Twite.Keys;

/// <summary>A cluster's keys: a folder per service with all it needs and nothing of anybody else (<c>ca.pem</c>, <c>NAME.pem</c>, <c>NAME.key</c>,
/// <c>message-keys.json</c>), to be copied to where the service runs, and the authorities' folder. Each operation may be cut short anywhere and is completed by the next one; one
/// process at a time, which a lock sees to.</summary>
internal sealed class KeyFolder
{
    /// <summary>The name that a broker proves. It carries messages and neither writes nor reads any, so it has no keys for them.</summary>
    public const string Broker = BrokerTls.BrokerName;

    private readonly string _path;
    private readonly AuthorityFolder _authorities;
    private readonly TimeProvider _time;

    private KeyFolder(string path, string authority, TimeProvider time) =>
        (_path, _authorities, _time) = (path, new AuthorityFolder(authority), time);

    /// <summary>The names that have a folder here, sorted.</summary>
    public IReadOnlyList<string> Names => Directory.Exists(_path)
        ? [.. Directory.EnumerateDirectories(_path).Select(d => Path.GetFileName(d)).Where(n => File.Exists(Path.Combine(Of(_path, n), n + ".pem"))).Order(StringComparer.Ordinal)]
        : [];

    /// <summary>The names that have a folder here and are no broker's.</summary>
    public IEnumerable<string> Clients => Names.Where(n => n != Broker);

    /// <summary>What issues and what is trusted; null when the authorities are elsewhere.</summary>
    public AuthorityState? Authorities => _authorities.Exists ? _authorities.Read() : null;

    /// <summary>The keys in a folder; nothing is made yet.</summary>
    /// <param name="path">The folder.</param>
    /// <param name="authority">The authorities' folder; null when it is the one within.</param>
    /// <param name="time">The clock.</param>
    public static KeyFolder At(string path, string? authority, TimeProvider time) => new(path, authority ?? Path.Combine(path, "authority"), time);

    /// <summary>The folder of one service in a folder of keys: its own when there is one, else the folder itself.</summary>
    public static string Of(string path, string name) => Directory.Exists(Path.Combine(path, name)) ? Path.Combine(path, name) : path;

    /// <summary>Makes what is missing, renews what expires soon, and mends what does not fit. What is good stays as it is. When the authorities are elsewhere
    /// and nothing is to be done, that is well too.</summary>
    /// <param name="names">Who must have a certificate; whoever has one already keeps it.</param>
    /// <param name="brokerHosts">The machines that the broker's certificate must prove besides its name, for its nodes to believe each other. What it proves it keeps.</param>
    /// <returns>What was made.</returns>
    /// <exception cref="UsageException">Something is to be done and the authority is not here.</exception>
    public KeyChanges Update(IEnumerable<string> names, params IReadOnlyList<string> brokerHosts)
    {
        var all = names.Union(Names, StringComparer.Ordinal).Order(StringComparer.Ordinal).ToList();
        if (!_authorities.Exists && Names.Count > 0)
        {
            var need = all.Select(n => CertificateNeedOf(n, KeyLifetimes.RenewBefore, brokerHosts)).OfType<string>().FirstOrDefault()
                ?? all.Select(n => MessageKeyNeedOf(n, Clients)).OfType<string>().FirstOrDefault();
            return need is null ? KeyChanges.None : throw NoAuthorityFor(need);
        }
        using var held = Hold();
        return Fit(_authorities.Exists ? _authorities.Read() : _authorities.CreateFirst(_time.GetUtcNow()), all, _ => null, brokerHosts);
    }

    /// <summary>As <see cref="Update"/>, for those that are to run now. When the authorities are elsewhere, what they can run with is good enough: certificates that
    /// are in force, and whatever others have.</summary>
    /// <param name="names">Who is to run.</param>
    /// <param name="needsMessageKeys">Whether messages go through a broker: else it is well, when the authorities are elsewhere, that keys for them are missing.</param>
    /// <returns>Whose certificate would have been renewed, had the authorities been here.</returns>
    /// <exception cref="UsageException">One of them cannot run and the authority is not here.</exception>
    public IReadOnlyList<IssuedCertificate> UpdateToRun(IReadOnlyCollection<string> names, bool needsMessageKeys)
    {
        if (_authorities.Exists || Names.Count == 0)
        {
            Update(names);
            return [];
        }
        var need = names.Select(n => CertificateNeedOf(n, TimeSpan.Zero, [])).OfType<string>().FirstOrDefault()
            ?? (needsMessageKeys ? names.Select(n => MessageKeyNeedOf(n, names.Where(c => c != Broker))).OfType<string>().FirstOrDefault() : null);
        return need is null
            ? [.. Show().Where(c => names.Contains(c.Name, StringComparer.Ordinal) && c.Until - _time.GetUtcNow() < KeyLifetimes.RenewBefore)]
            : throw NoAuthorityFor(need);
    }

    /// <summary>Makes a certificate and message keys for a name, whether it has some or not.</summary>
    /// <returns>What was made; whoever has other message keys now must know the new ones.</returns>
    public KeyChanges Issue(string name)
    {
        RequireName(name);
        // Before a folder is made where only its name was mistyped.
        RequireAuthorities();
        using var held = Hold();
        return Fit(RequireAuthorities(), [name], _ => "asked for");
    }

    /// <summary>Takes the next step of replacing the authority: trust another one, have it issue all certificates, drop the first.</summary>
    /// <param name="now">Does not wait until the step before has had its time.</param>
    /// <returns>The state after it.</returns>
    /// <exception cref="UsageException">It is too early.</exception>
    public AuthorityState Rotate(bool now)
    {
        RequireAuthorities();
        using var held = Hold();
        var state = RequireAuthorities();
        var time = _time.GetUtcNow();
        if (!now && (state.Next ?? state.Previous) is not null && time - state.Since < KeyLifetimes.Overlap)
        {
            throw new UsageException(
                $"The step before was taken at {state.Since:yyyy-MM-dd HH:mm} UTC, and every service must have been restarted with it before the next one. "
                + $"Come back after {state.Since + KeyLifetimes.Overlap:yyyy-MM-dd HH:mm} UTC, or, when all have, say --now.");
        }
        var next = state.Next is not null ? _authorities.Promote(state, time)
            : state.Previous is not null ? _authorities.DropPrevious(state, time)
            : _authorities.AddNext(state, time);
        Fit(next, Names, _ => null);
        return next;
    }

    /// <summary>Each name's files, judged.</summary>
    public IReadOnlyList<IssuedCertificate> Show() => [.. Names.Select(n => IssuedCertificate.Read(Of(_path, n), n, _time.GetUtcNow()))];

    /// <summary>What is wrong with a name's message keys; null when nothing is.</summary>
    public string? ProblemOfMessageKeys(string name) => ProblemOfMessageKeys(name, Clients);

    private string? ProblemOfMessageKeys(string name, IEnumerable<string> peers) => name == Broker ? null : new MessageKeyring(_path).ProblemOf(name, peers);

    private KeyChanges Fit(AuthorityState state, IEnumerable<string> names, Func<string, string?> also, params IReadOnlyList<string> brokerHosts)
    {
        var bundle = _authorities.Bundle(state);
        using var issuer = _authorities.LoadIssuer(state);
        var made = new List<(string Name, string Why)>();
        foreach (var name in names)
        {
            var folder = Path.Combine(_path, name);
            PrivateFile.MakeDirectory(folder);
            if (!File.Exists(Path.Combine(folder, "ca.pem")) || File.ReadAllText(Path.Combine(folder, "ca.pem")) != bundle)
            {
                PrivateFile.WritePublic(Path.Combine(folder, "ca.pem"), bundle);
            }
            var why = also(name) ?? NeedOf(name, KeyLifetimes.RenewBefore, brokerHosts) ?? (IssuerOf(name) == issuer.Name ? null : "there is another authority");
            if (why is not null)
            {
                Write(folder, name, issuer, brokerHosts);
                made.Add((name, why));
            }
        }
        var changed = new MessageKeyring(_path).Fit([.. Clients], state, name => also(name) is not null && made.Any(m => m.Name == name));
        return new KeyChanges(made, changed);
    }

    private void Write(string folder, string name, Authority issuer, IReadOnlyList<string> brokerHosts)
    {
        var hosts = name == Broker ? IssuedCertificate.Read(folder, name, _time.GetUtcNow()).Hosts.Union(brokerHosts, StringComparer.Ordinal) : [];
        using var certificate = issuer.Issue(name, hosts, _time.GetUtcNow());
        using var key = certificate.GetECDsaPrivateKey()!;
        PrivateFile.WritePair(
            Path.Combine(folder, name + ".key"), key.ExportPkcs8PrivateKeyPem() + "\n", Path.Combine(folder, name + ".pem"), certificate.ExportCertificatePem() + "\n");
    }

    private UsageException NoAuthorityFor(string need) =>
        new($"{need}, and the authority is not in {_authorities.Path}. Bring that folder back, or say where it is: twite keys --dir {_path} --authority DIR.");

    // In words; null when it needs none.
    private string? CertificateNeedOf(string name, TimeSpan renewBefore, IReadOnlyList<string> brokerHosts) =>
        NeedOf(name, renewBefore, brokerHosts) is { } why ? $"{name} needs a new certificate ({why})" : null;

    private string? MessageKeyNeedOf(string name, IEnumerable<string> peers) => ProblemOfMessageKeys(name, peers) is { } why ? $"{name} needs message keys ({why})" : null;

    // Why a name needs another certificate; null when it does not.
    private string? NeedOf(string name, TimeSpan renewBefore, IReadOnlyList<string> brokerHosts)
    {
        if (!Names.Contains(name, StringComparer.Ordinal))
        {
            return "it had none";
        }
        var (now, found) = (_time.GetUtcNow(), IssuedCertificate.Read(Path.Combine(_path, name), name, _time.GetUtcNow()));
        return found.Problem
            ?? (found.Until - now < renewBefore ? $"the one it had expires on {found.Until:yyyy-MM-dd}" : null)
            ?? (name == Broker && brokerHosts.Except(found.Hosts, StringComparer.Ordinal).ToList() is { Count: > 0 } more ? $"the one it had does not prove {string.Join(", ", more)}" : null);
    }

    private string IssuerOf(string name) => IssuedCertificate.Read(Path.Combine(_path, name), name, _time.GetUtcNow()).Issuer;

    private AuthorityState RequireAuthorities() => _authorities.Exists
        ? _authorities.Read()
        : throw new UsageException($"There is no authority in {_authorities.Path}. Make one with twite keys --dir {_path}, or say where it is with --authority DIR.");

    // A label of a DNS name: it stands in a certificate, and is a folder's name.
    private static void RequireName(string name)
    {
        if (name.Length is 0 or > 63 || name[0] == '-' || name[^1] == '-' || !name.All(c => c is (>= 'a' and <= 'z') or (>= '0' and <= '9') or '-') || name == "authority")
        {
            throw new UsageException($"\"{name}\" cannot be a client's name: 1 to 63 of a to z, 0 to 9 and -, and not \"authority\".");
        }
    }

    private FileStream Hold()
    {
        PrivateFile.MakeDirectory(_path);
        try
        {
            return new FileStream(Path.Combine(_path, ".lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException error)
        {
            throw new IOException($"{_path} cannot be changed just now: another twite keys works on it, or it is not writable ({error.Message}).", error);
        }
    }
}
