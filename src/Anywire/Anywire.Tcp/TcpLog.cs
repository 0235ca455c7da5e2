using Microsoft.Extensions.Logging;

namespace Anywire.Tcp;

internal static partial class TcpLog
{
    [LoggerMessage(7501, LogLevel.Information, "Listening on {Endpoint}")]
    public static partial void Listening(this ILogger logger, Endpoint endpoint);

    [LoggerMessage(7502, LogLevel.Warning, "Refused a connection from {Peer}: {Reason}")]
    public static partial void PeerRefused(this ILogger logger, string peer, string reason);

    [LoggerMessage(7503, LogLevel.Warning, "{Service} at {Endpoint} is out of reach: {Reason}")]
    public static partial void AddressDown(this ILogger logger, string service, Endpoint endpoint, string reason);

    [LoggerMessage(7504, LogLevel.Information, "{Service} at {Endpoint} is back")]
    public static partial void AddressUp(this ILogger logger, string service, Endpoint endpoint);

    [LoggerMessage(7505, LogLevel.Warning, "Closed the connection with {Peer}: {Reason}")]
    public static partial void ConnectionBroken(this ILogger logger, string peer, string reason);

    [LoggerMessage(7506, LogLevel.Error, "Cannot take connections on {Endpoint} for now")]
    public static partial void AcceptFailed(this ILogger logger, Exception error, Endpoint endpoint);

    [LoggerMessage(7507, LogLevel.Warning, "Closed connections to {Endpoint} that their callers had not closed in time")]
    public static partial void ClosedByForce(this ILogger logger, Endpoint endpoint);

    [LoggerMessage(7508, LogLevel.Error, "Code that ran on a connection's reading thread failed")]
    public static partial void Failed(this ILogger logger, Exception error);
}
