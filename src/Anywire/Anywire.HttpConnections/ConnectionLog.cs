using Microsoft.Extensions.Logging;

namespace Anywire.HttpConnections;

internal static partial class ConnectionLog
{
    [LoggerMessage(7101, LogLevel.Information, "Listening on {Endpoint}")]
    public static partial void Listening(this ILogger logger, Endpoint endpoint);

    [LoggerMessage(7102, LogLevel.Warning, "Refused a connection from {Peer}: {Reason}")]
    public static partial void PeerRefused(this ILogger logger, string peer, string reason);

    [LoggerMessage(7103, LogLevel.Warning, "{Service} at {Endpoint} is out of reach: {Reason}")]
    public static partial void AddressDown(this ILogger logger, string service, Endpoint endpoint, string reason);

    [LoggerMessage(7104, LogLevel.Information, "{Service} at {Endpoint} is back")]
    public static partial void AddressUp(this ILogger logger, string service, Endpoint endpoint);

    [LoggerMessage(7105, LogLevel.Warning, "Closed connections to {Endpoint} with calls still open")]
    public static partial void ClosedByForce(this ILogger logger, Endpoint endpoint);
}
