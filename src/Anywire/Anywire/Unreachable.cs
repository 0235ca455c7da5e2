using System.Net.Sockets;
using System.Security.Authentication;

namespace Anywire;

/// <summary>Why a peer cannot be reached, in words that follow a colon: the same for every wire with sockets.</summary>
internal static class Unreachable
{
    /// <summary>What an attempt to connect has failed with, in words.</summary>
    public static string Why(Exception error) =>
        Find<SocketException>(error) is { } socket ? socket.SocketErrorCode switch
        {
            SocketError.ConnectionRefused => "nobody listens there",
            SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain => "its name is not known",
            SocketError.TimedOut or SocketError.HostUnreachable or SocketError.NetworkUnreachable => "it does not answer",
            SocketError.NotConnected or SocketError.ConnectionReset => "it closed the connection at once",
            _ => socket.Message.TrimEnd('.'),
        }
        : error is OperationCanceledException ? "it does not answer"
        : (Find<AuthenticationException>(error) ?? error.InnerException ?? error).Message.TrimEnd('.');

    /// <summary>The first cause of a kind; null when there is none.</summary>
    public static T? Find<T>(Exception? error)
        where T : Exception
    {
        while (error is not null and not T)
        {
            error = error.InnerException;
        }
        return error as T;
    }
}
