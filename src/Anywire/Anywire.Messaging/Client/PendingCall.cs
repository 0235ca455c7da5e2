using Anywire.Messaging.Format;
using Grpc.Core;

namespace Anywire.Messaging.Client;

/// <summary>A call whose end has not come. Members may be called by any thread.</summary>
internal abstract class PendingCall
{
    public required CallId Id { get; init; }

    /// <summary>Takes a message of the call; it is valid until this returns.</summary>
    public abstract void Receive(MessageReader message);

    /// <summary>Ends the call; the first end counts.</summary>
    public abstract void Fail(Status status, Metadata? trailers = null);
}
