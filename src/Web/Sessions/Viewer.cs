using Anywire.Identity;
using Grpc.Core;
using Twite.Contracts;

namespace Twite.Web.Sessions;

/// <summary>The person a request comes from, as Accounts proved it.</summary>
/// <param name="Account">Who it is.</param>
/// <param name="Assertion">Proves it to the services, for at most 60 s.</param>
/// <param name="SessionId">The session or API token it came with.</param>
/// <param name="IsProgram">It came with an API token.</param>
public sealed record Viewer(Account Account, string Assertion, long SessionId, bool IsProgram)
{
    /// <summary>Metadata for calls that act for this person. A new instance each time: gRPC may change it.</summary>
    public Metadata Headers() => UserIdentity.Headers(Assertion);
}
