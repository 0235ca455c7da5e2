using Anywire.Messaging.Format;

namespace Anywire.Messaging.Client;

/// <summary>A caller's way to one service through a broker. Any thread may use it.</summary>
internal interface IClientLink : IAsyncDisposable
{
    /// <summary>Connects unless it is connected, and listens for answers.</summary>
    /// <exception cref="Grpc.Core.RpcException">UNAVAILABLE, marked as not executed: the broker cannot be reached.</exception>
    ValueTask OpenAsync(CancellationToken cancellationToken);

    /// <summary>Says whether some instance of the service listens.</summary>
    /// <exception cref="Grpc.Core.RpcException">UNAVAILABLE: none does.</exception>
    Task RequireListenerAsync(CancellationToken cancellationToken);

    /// <summary>Gives a request to whichever instance takes it first. That nobody listens may be told later, by <see cref="ILinkListener.NobodyListens"/>.</summary>
    /// <param name="call">Which call it is.</param>
    /// <param name="message">The message; the link keeps it no longer than this takes.</param>
    /// <param name="expiresIn">When it is of no use any more; null: never.</param>
    /// <exception cref="Grpc.Core.RpcException">UNAVAILABLE, marked as not executed.</exception>
    ValueTask SendRequestAsync(CallId call, ReadOnlyMemory<byte> message, TimeSpan? expiresIn);

    /// <summary>Gives a message to the broker's durable queue of the service; completes when the broker answers for it.</summary>
    /// <param name="id">Names it among all messages of the caller: one that comes again is the same.</param>
    /// <param name="message">The message; the link keeps it no longer than this takes.</param>
    /// <param name="cancellationToken">Gives up waiting; the broker may have it then.</param>
    /// <exception cref="Grpc.Core.RpcException">The broker does not answer for it: UNAVAILABLE, RESOURCE_EXHAUSTED.</exception>
    Task SendEventAsync(string id, ReadOnlyMemory<byte> message, CancellationToken cancellationToken);

    /// <summary>Tells one handling instance something; lost when it or the broker is gone.</summary>
    /// <param name="handler">What it has said where it is.</param>
    /// <param name="message">The message.</param>
    ValueTask TellAsync(string handler, ReadOnlyMemory<byte> message);

    /// <summary>Tells all instances of the service something.</summary>
    ValueTask TellAllAsync(ReadOnlyMemory<byte> message);
}

/// <summary>Whom a link tells what happens.</summary>
internal interface ILinkListener
{
    /// <summary>The instance of all its calls.</summary>
    ulong Instance { get; }

    /// <summary>A message has come; it is valid until this returns.</summary>
    void Receive(ReadOnlyMemory<byte> message);

    /// <summary>A request found no instance of the service.</summary>
    void NobodyListens(CallId call);

    /// <summary>The broker is gone: no answer will come to what was sent.</summary>
    void Lost(string reason);
}
