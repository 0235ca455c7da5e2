namespace Anywire.Udp.Client;

/// <summary>Opens sessions.</summary>
internal interface IConnector
{
    /// <summary>Opens a session with whoever listens at an address; it has been started, and ends by itself when the other side is lost.</summary>
    /// <exception cref="UnreachableException">There is none to be had.</exception>
    /// <exception cref="OperationCanceledException">It took too long, or is not wanted any more.</exception>
    Task<ClientSession> ConnectAsync(Endpoint endpoint, CancellationToken cancellationToken);
}

/// <summary>No session could be opened; the message says why, in words that follow a colon.</summary>
internal sealed class UnreachableException(string reason, Exception? cause = null) : IOException(reason, cause);
