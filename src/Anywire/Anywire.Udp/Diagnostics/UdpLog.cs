using Microsoft.Extensions.Logging;

namespace Anywire.Udp.Diagnostics;

/// <summary>The log of the datagram transport, events 7600 to 7649.</summary>
internal static partial class UdpLog
{
    [LoggerMessage(7601, LogLevel.Information, "Listening on {Endpoint}")]
    public static partial void Listening(this ILogger logger, Endpoint endpoint);

    [LoggerMessage(7602, LogLevel.Warning, "The kernel grants {Endpoint} a receive buffer of {Granted} bytes, not the {Asked} that it was asked for: bursts may be lost. net.core.rmem_max limits it.")]
    public static partial void SmallReceiveBuffer(this ILogger logger, Endpoint endpoint, int granted, int asked);

    [LoggerMessage(7603, LogLevel.Warning, "Refused a connection from {Peer}: {Reason}")]
    public static partial void PeerRefused(this ILogger logger, string peer, string reason);

    [LoggerMessage(7604, LogLevel.Warning, "{Service} at {Endpoint} cannot be reached: {Reason}")]
    public static partial void AddressDown(this ILogger logger, string service, Endpoint endpoint, string reason);

    [LoggerMessage(7605, LogLevel.Information, "{Service} at {Endpoint} can be reached")]
    public static partial void AddressUp(this ILogger logger, string service, Endpoint endpoint);

    [LoggerMessage(7606, LogLevel.Information, "Datagrams to {Service} at {Endpoint} are sealed with a new key")]
    public static partial void Rekeyed(this ILogger logger, string service, Endpoint endpoint);

    [LoggerMessage(7607, LogLevel.Debug, "A datagram of {Caller} is not of the form: {Problem}")]
    public static partial void Malformed(this ILogger logger, string caller, string problem);

    [LoggerMessage(7608, LogLevel.Error, "A call of {Method} could not be carried to its handler and back")]
    public static partial void CallFailed(this ILogger logger, string method, Exception error);

    [LoggerMessage(7609, LogLevel.Error, "A message of {Peer} could not be taken")]
    public static partial void MessageFailed(this ILogger logger, string peer, Exception error);
}
