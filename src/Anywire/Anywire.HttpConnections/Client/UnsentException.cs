using Grpc.Core;

namespace Anywire.HttpConnections.Client;

/// <summary>The cause behind a call that was never sent. gRPC's library keeps a failed stream's cause but not its trailers, so this is how the mark
/// of <see cref="NotExecuted"/> is found again.</summary>
internal sealed class UnsentException(string message, Exception cause) : IOException(message, cause)
{
    private const string Reason = "unreachable";

    /// <summary>What a call fails with.</summary>
    public static RpcException For(string service, Address address, string reason, Exception cause)
    {
        var message = $"{service} at {address.Endpoint} cannot be reached: {reason}.";
        return NotExecuted.Because(Reason, message, new UnsentException(message, cause));
    }

    /// <summary>Whether a call failed for that, and lost its mark.</summary>
    public static bool Caused(RpcException error) => error.Status.DebugException is UnsentException && !NotExecuted.IsMarked(error);

    /// <summary>The same failure with its mark.</summary>
    public static RpcException Marked(RpcException error) => NotExecuted.Because(Reason, error.Status.Detail, error.Status.DebugException);
}
