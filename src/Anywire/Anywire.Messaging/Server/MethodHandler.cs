using Anywire.Messaging.Format;

namespace Anywire.Messaging.Server;

/// <summary>Runs calls of one method.</summary>
internal abstract class MethodHandler(MethodContract contract)
{
    public MethodContract Contract => contract;

    /// <summary>Reads the request, which is valid until this returns, and gives what runs the handler and answers.</summary>
    /// <exception cref="MalformedMessageException">The body is no request of the method.</exception>
    /// <exception cref="Grpc.Core.RpcException">It is too large.</exception>
    public abstract Func<RunningCall, Task> Prepare(MessageReader request);
}
