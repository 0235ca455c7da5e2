namespace Twite.Keys;

/// <summary>What was made in a folder of keys. Immutable.</summary>
/// <param name="Certificates">Who got a new certificate, and why.</param>
/// <param name="MessageKeys">Whose <c>message-keys.json</c> has changed: its own keys, or what it knows of others'.</param>
internal sealed record KeyChanges(IReadOnlyList<(string Name, string Why)> Certificates, IReadOnlyList<string> MessageKeys)
{
    /// <summary>Nothing was to be done.</summary>
    public static readonly KeyChanges None = new([], []);

    /// <summary>Whether nothing was made.</summary>
    public bool AreNone => Certificates.Count == 0 && MessageKeys.Count == 0;
}
