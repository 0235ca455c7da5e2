using Grpc.Core;

namespace Anywire;

/// <summary>Checks, before anything runs, that a wire can honour what each method asks of it. Nothing is discovered at three in the
/// morning.</summary>
public static class EdgeCheck
{
    /// <summary>What is wrong with carrying these methods to this address: a sentence each that names the method, the address and the way
    /// out. Empty when all is well.</summary>
    /// <param name="contracts">The methods the caller may call.</param>
    /// <param name="endpoint">The callee's address.</param>
    /// <param name="traits">What the wire of that address can honour.</param>
    /// <param name="insecure">Whether plain schemes are allowed.</param>
    public static IReadOnlyList<string> Problems(
        IEnumerable<MethodContract> contracts, Endpoint endpoint, TransportTraits traits, bool insecure)
    {
        if (endpoint.Scheme == traits.PlainScheme && !insecure)
        {
            return [$"{endpoint} is not secured. Use {traits.Scheme}:, or allow it with --insecure (on loopback or in a private test network only)."];
        }
        return [.. contracts.Select(c => Problem(c, endpoint, traits)).OfType<string>()];
    }

    private static string? Problem(MethodContract contract, Endpoint endpoint, TransportTraits traits)
    {
        if (!traits.CallKinds.HasFlag(KindOf(contract.Type)))
        {
            return $"{contract.FullName} is a {Words(contract.Type)} call and {traits.Name} ({endpoint}) carries none. Give the service an address on another wire.";
        }
        if (contract.Delivery != Delivery.Reply && (contract.Type != MethodType.Unary || !contract.ReturnsEmpty))
        {
            return $"{contract.FullName} asks for {Words(contract.Delivery)} delivery, so it must be a unary method that returns google.protobuf.Empty. Change its contract.";
        }
        if (contract.Delivery == Delivery.AtLeastOnce && !contract.IsIdempotent)
        {
            return $"{contract.FullName} may be delivered more than once, so it must be idempotent. Set idempotency_level in its contract, and mean it.";
        }
        if (contract.Delivery == Delivery.Reply && traits.RepliesMustBeIdempotent && !contract.IsIdempotent)
        {
            return $"{contract.FullName} is not idempotent and {traits.Name} ({endpoint}) asks again until it is answered. Give the service an address on another wire.";
        }
        var largest = Math.Max(contract.MaxRequestBytes, contract.ReturnsEmpty ? 0 : contract.MaxReplyBytes);
        return largest > traits.MaxMessageBytes
            ? $"{contract.FullName} allows messages of {largest:N0} bytes and {traits.Name} ({endpoint}) carries at most {traits.MaxMessageBytes:N0}. Lower the limit in its contract, or give the service an address on another wire."
            : null;
    }

    private static CallKinds KindOf(MethodType type) => type switch
    {
        MethodType.Unary => CallKinds.Unary,
        MethodType.ServerStreaming => CallKinds.ServerStreaming,
        MethodType.ClientStreaming => CallKinds.ClientStreaming,
        _ => CallKinds.DuplexStreaming,
    };

    private static string Words(MethodType type) => type switch
    {
        MethodType.Unary => "unary",
        MethodType.ServerStreaming => "server-streaming",
        MethodType.ClientStreaming => "client-streaming",
        _ => "bidirectional streaming",
    };

    private static string Words(Delivery delivery) => delivery == Delivery.AtLeastOnce ? "at-least-once" : "best-effort";
}
