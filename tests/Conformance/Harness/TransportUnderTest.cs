namespace Anywire.Conformance;

/// <summary>A transport and what the suite must know to run both of its sides.</summary>
public sealed record TransportUnderTest
{
    /// <summary>Its column in the matrix.</summary>
    public required string Name { get; init; }

    /// <summary>Carries the calls of both sides.</summary>
    public required ITransport Transport { get; init; }

    /// <summary>An address that nobody listens on; each call gives another.</summary>
    public required Func<Endpoint> Address { get; init; }

    /// <summary>What a service of that name proves itself with; null on a wire without credentials.</summary>
    public Func<string, ServiceCredentials?> CredentialsOf { get; init; } = static _ => null;

    /// <summary>The same transport with the check of messages handed over; null when messages are copied anyway.</summary>
    public Func<TransportUnderTest>? WithHandOverCheck { get; init; }

    /// <summary>False where the server takes many cancelled calls for an attack, as Kestrel does over HTTP/2 (CVE-2023-44487), and closes the connection.</summary>
    public bool TakesManyCancelledCalls { get; init; } = true;

    /// <summary>What it declares.</summary>
    public TransportTraits Traits => Transport.Traits;
}
