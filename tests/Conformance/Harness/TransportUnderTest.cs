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

    /// <summary>Why calls cannot be told apart that were cut off by a storm of them; null when they can.</summary>
    public string? WithoutStorms { get; init; }

    /// <summary>What it declares.</summary>
    public TransportTraits Traits => Transport.Traits;
}
