namespace Anywire;

/// <summary>A transport whose broker keeps the at-least-once calls that were given up.</summary>
public interface IKeepsDeadLetters
{
    /// <summary>Opens those of one service, for an operator.</summary>
    /// <param name="options">The service, the broker's addresses, and as whom to come: the caller needs the broker's leave.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="IOException">The broker cannot be reached, or does not let the caller in; the message says why.</exception>
    Task<IDeadLetterStore> OpenDeadLettersAsync(TransportClientOptions options, CancellationToken cancellationToken);
}

/// <summary>The dead letters of one service. One operation at a time; two operators at once may see each other's letters as gone for a moment.</summary>
public interface IDeadLetterStore : IAsyncDisposable
{
    /// <summary>The oldest of them; none when the service has never listened there.</summary>
    /// <exception cref="IOException">The broker is gone.</exception>
    Task<IReadOnlyList<KeptDeadLetter>> ListAsync(int limit, CancellationToken cancellationToken);

    /// <summary>Gives one to the service again, as if it had just been sent.</summary>
    /// <returns>False when there is none of that id.</returns>
    /// <exception cref="IOException">The broker is gone, or does not take it; it is still among the dead letters then.</exception>
    Task<bool> ReplayAsync(string id, CancellationToken cancellationToken);

    /// <summary>Forgets one.</summary>
    /// <returns>False when there is none of that id.</returns>
    /// <exception cref="IOException">The broker is gone.</exception>
    Task<bool> DropAsync(string id, CancellationToken cancellationToken);
}

/// <summary>A dead letter as its broker keeps it. Immutable.</summary>
/// <param name="Id">What an operator calls it: the same for as long as it is kept. Of several with one id the oldest is meant.</param>
/// <param name="Sender">Who says that it has sent it; empty when it is no message of ours.</param>
/// <param name="Method">The gRPC path; empty likewise.</param>
/// <param name="EventId">What its sender calls it; empty when it does not.</param>
/// <param name="Reason">Why it was given up, in people's words.</param>
/// <param name="At">When it was given up, to the second at least; null when the broker does not know.</param>
/// <param name="Message">All of it, as it came.</param>
public sealed record KeptDeadLetter(
    string Id, string Sender, string Method, string EventId, string Reason, DateTimeOffset? At, ReadOnlyMemory<byte> Message)
{
    /// <summary>How many bytes the message has.</summary>
    public int Bytes => Message.Length;
}
