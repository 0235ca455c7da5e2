using System.Globalization;
using Anywire.Messaging;

namespace Anywire.Nats;

/// <summary>An address of the form that the README states. Immutable.</summary>
internal sealed record NatsAddress : BrokerAddress
{
    private const int DefaultPort = 4222;

    /// <exception cref="FormatException">It is not of that form; the message says what is wrong.</exception>
    public NatsAddress(Endpoint endpoint)
        : base(endpoint) => Broker = $"nats://{Host}:{(endpoint.Port > 0 ? endpoint.Port : DefaultPort)}";

    /// <summary>The broker's own address.</summary>
    public string Broker { get; }

    /// <summary>Where it is asked whether any instance of a service listens.</summary>
    public string PresenceOf(string service) => $"{Of(service)}.presence";

    /// <summary>What answers to a service's own questions to the broker begin with.</summary>
    public string InboxOf(string service) => $"{Names.Network}.{service}.inbox";

    /// <summary>What the answers to one calling instance begin with.</summary>
    public string AnswersTo(string caller, ulong instance) => string.Create(CultureInfo.InvariantCulture, $"{Names.Network}.{caller}.answers.{instance:x16}");
}
