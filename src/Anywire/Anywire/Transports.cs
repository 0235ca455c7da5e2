namespace Anywire;

/// <summary>The transports a program knows, by scheme. Immutable.</summary>
public sealed class Transports(params IReadOnlyList<ITransport> all)
{
    /// <summary>All of them.</summary>
    public IReadOnlyList<ITransport> All => all;

    /// <summary>The transport that carries an address.</summary>
    /// <exception cref="FormatException">None does; the message names the schemes there are.</exception>
    public ITransport For(Endpoint endpoint) =>
        all.FirstOrDefault(t => t.Traits.Carries(endpoint.Scheme))
        ?? throw new FormatException(
            $"No transport carries {endpoint}: the scheme \"{endpoint.Scheme}:\" is unknown. Known are {string.Join(", ", Schemes)}.");

    private IEnumerable<string> Schemes => all.SelectMany(t => new[] { t.Traits.Scheme, t.Traits.PlainScheme }).OfType<string>().Select(s => s + ":");
}
