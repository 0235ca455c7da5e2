using Twite.Commands;
using Twite.Keys;

namespace Twite.Brokers;

/// <summary>Where a broker's files are on the machine that it runs on; full paths, for brokers understand others each in their own way. Immutable.</summary>
/// <param name="Certificates">The folder with <c>ca.pem</c>, <c>broker.pem</c> and <c>broker.key</c>.</param>
/// <param name="Configuration">The folder with its configuration.</param>
/// <param name="Data">The folder for what it keeps.</param>
internal sealed record BrokerPlace(string Certificates, string Configuration, string Data)
{
    /// <summary>The authorities' certificates.</summary>
    public string AuthorityFile => Path.Combine(Certificates, "ca.pem");

    /// <summary>The broker's certificate.</summary>
    public string CertificateFile => Path.Combine(Certificates, KeyFolder.Broker + ".pem");

    /// <summary>Its key.</summary>
    public string KeyFile => Path.Combine(Certificates, KeyFolder.Broker + ".key");

    /// <summary>Passes when the paths can stand in a broker's configuration.</summary>
    /// <param name="inShell">Whether a shell reads them there, and Erlang's command line after it: both end a path at a blank.</param>
    /// <exception cref="UsageException">One cannot.</exception>
    public void Require(bool inShell)
    {
        if (inShell && new[] { Certificates, Configuration, Data }.FirstOrDefault(p => p.Any(c => !char.IsAsciiLetterOrDigit(c) && !"/._-+@:".Contains(c))) is { } strange)
        {
            throw new UsageException($"The folder {strange} has a character in its name that cannot stand in {RabbitMqNode.EnvironmentFile}. Use one of letters, digits and /._-+@: alone.");
        }
        // A comment begins with the first, a string ends with the others.
        if (new[] { Certificates, Configuration, Data }.FirstOrDefault(p => p.AsSpan().ContainsAny("#\"\\\n\r")) is { } path)
        {
            throw new UsageException($"The folder {path} has a character in its name that cannot stand in a broker's configuration. Use one without #, quotes and backslashes.");
        }
    }
}
