using Grpc.Core;

namespace Anywire.Identity;

/// <summary>Who is on the other side of a call: a service, by the name its certificate proves or that holds by construction within a
/// process.</summary>
public static class PeerIdentity
{
    /// <summary>The metadata key under which a caller names itself on a plain wire, where nothing can be proved. Ignored on all others.</summary>
    public const string ClaimKey = "anywire-caller";

    private const string Property = "service";

    /// <summary>The key in <see cref="ServerCallContext.UserState"/> under which a transport leaves the name it has proved, when its context
    /// is another library's: taking it from a certificate anew for each call costs more than the call's other checks together.</summary>
    public static readonly object ProvedNameKey = new();

    /// <summary>The calling service's name; null when it did not say. On a plain wire (<c>--insecure</c>) it is only a claim.</summary>
    public static string? NameOf(ServerCallContext context)
    {
        if (context is INamedPeer named)
        {
            return named.PeerName;
        }
        if (context.UserState.TryGetValue(ProvedNameKey, out var proved))
        {
            return (string)proved;
        }
        var auth = context.AuthContext;
        return auth.IsPeerAuthenticated
            ? auth.PeerIdentity.FirstOrDefault()?.Value
            : context.RequestHeaders.GetValue(ClaimKey);
    }

    /// <summary>What gRPC's own API says of a peer: its name as property <c>service</c>, or that nothing is proved.</summary>
    internal static AuthContext AuthContextOf(string? name) => name is null
        ? new AuthContext(null, [])
        : new AuthContext(Property, new Dictionary<string, List<AuthProperty>>(StringComparer.Ordinal)
        {
            [Property] = [AuthProperty.Create(Property, System.Text.Encoding.UTF8.GetBytes(name))],
        });

    /// <summary>As a log names it.</summary>
    internal static string DescriptionOf(ServerCallContext context) => NameOf(context) ?? "an unnamed peer";
}

/// <summary>A <see cref="ServerCallContext"/> that knows its peer's name without building an <see cref="AuthContext"/>.</summary>
public interface INamedPeer
{
    /// <summary>The proved name of the calling service.</summary>
    string? PeerName { get; }
}
