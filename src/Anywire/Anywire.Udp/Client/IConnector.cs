using System.Net.Sockets;

namespace Anywire.Udp.Client;

/// <summary>Opens sessions.</summary>
internal interface IConnector
{
    /// <summary>Opens a session with whoever listens at an address; it has been started, and ends by itself when the other side is lost.</summary>
    /// <param name="endpoint">Where.</param>
    /// <param name="time">What there is for it, before the token is cancelled.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="SocketException">There is none to be had.</exception>
    /// <exception cref="UnreachableException">Nor is there here; it says why.</exception>
    /// <exception cref="OperationCanceledException">It took too long, or is not wanted any more.</exception>
    Task<ClientSession> ConnectAsync(Endpoint endpoint, TimeSpan time, CancellationToken cancellationToken);
}

/// <summary>No session could be opened; the message says why, in words that follow a colon.</summary>
internal sealed class UnreachableException(string reason, Exception? cause = null) : IOException(reason, cause);
