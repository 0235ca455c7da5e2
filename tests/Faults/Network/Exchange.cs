using System.Net.Sockets;

namespace Twite.Faults.Network;

/// <summary>An HTTP exchange with a server that may go at any moment.</summary>
internal static class Exchange
{
    /// <summary>Whether this is how an exchange fails without an answer: no connection, one that broke, or none in time.</summary>
    public static bool IsBroken(Exception error) =>
        // SocketsHttpHandler asks each new connection for its peer, and lets through what that throws when the peer has gone by then.
        error is HttpRequestException or IOException or OperationCanceledException or SocketException;
}
