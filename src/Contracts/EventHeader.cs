using Anywire;
using Anywire.Identity;
using Grpc.Core;

namespace Twite.Contracts;

public sealed partial class EventHeader
{
    /// <summary>Requires that an event's id begins with who sends it: receivers remember by their ids what they have handled, and what somebody else had sent ahead under
    /// the id of an event to come would have that one taken for handled.</summary>
    /// <param name="context">The call that it came by.</param>
    /// <exception cref="RpcException">INVALID_ARGUMENT: it does not.</exception>
    public void RequireSender(ServerCallContext context)
    {
        var sender = PeerIdentity.NameOf(context) ?? "";
        if (Id.Length < sender.Length + 2 || Id[sender.Length] != '-' || !Id.StartsWith(sender, StringComparison.Ordinal))
        {
            throw RpcErrors.InvalidArgument("header.id", "NOT_YOURS", $"The id of an event that {sender} sends begins with {sender}- and goes on.");
        }
    }
}
