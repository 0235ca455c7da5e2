using Grpc.Core;

namespace Anywire.Messaging.Client;

/// <summary>Failures of which it is proved that no handler ran.</summary>
internal static class Unreachable
{
    /// <summary>The broker is there, and no instance of the service.</summary>
    public static RpcException Nobody(TransportClientOptions options) =>
        NotExecuted.Because("unreachable", $"Nobody listens for {options.Service} at {options.Endpoints[0]}. Is it running?");

    /// <summary>The broker is not there.</summary>
    public static RpcException Broker(TransportClientOptions options, string reason, Exception? cause = null) =>
        NotExecuted.Because("unreachable", $"The broker at {string.Join(", ", options.Endpoints)} cannot be reached: {reason}.", cause);
}
