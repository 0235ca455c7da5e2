using System.Collections.Immutable;
using Anywire.Client;
using Anywire.Udp.Format;
using Grpc.Core;
using Microsoft.Extensions.Logging;

namespace Anywire.Udp.Client;

/// <summary>The client side for one service: its addresses, over which calls are spread in turn. Any thread may use it.</summary>
internal sealed class UdpClientSide : ITransportClient
{
    private readonly ImmutableArray<Peer> _peers;
    private MessageWriter? _writer;
    private int _turn;

    public UdpClientSide(TransportClientOptions options)
    {
        Options = options;
        var logger = options.Loggers.CreateLogger<UdpClientSide>();
        IConnector connector = options.Credentials is { } credentials ? new SealedConnector(options, credentials, logger) : new PlainConnector(options);
        _peers = [.. options.Endpoints.Select(e => new Peer(e, options, connector, logger))];
        Invoker = new UdpInvoker(this);
    }

    public TransportClientOptions Options { get; }

    public CallInvoker Invoker { get; }

    /// <summary>One of the sessions there are, in turn; those whose handlers take no new calls only when there is no other. Null when there is none.</summary>
    public ClientSession? Connected
    {
        get
        {
            if (_peers.Length == 1)
            {
                return _peers[0].Session;
            }
            var open = 0u;
            foreach (var peer in _peers)
            {
                open += peer.Session is { IsLeaving: false } ? 1u : 0u;
            }
            // The turns of those that are away are shared by all others: the next in the row alone would have twice its work.
            var turn = open > 1 ? (uint)Interlocked.Increment(ref _turn) % open : 0;
            ClientSession? leaving = null;
            ClientSession? last = null;
            foreach (var peer in _peers)
            {
                if (peer.Session is not { } session)
                {
                    // Somebody has to find out whether it is back; the call goes on without it.
                    peer.Want();
                }
                else if (session.IsLeaving)
                {
                    leaving = session;
                }
                else
                {
                    last = turn-- == 0 || last is null ? session : last;
                }
            }
            return last ?? leaving;
        }
    }

    /// <summary>Whether there is a session to another address that takes calls.</summary>
    public bool HasOther(ClientSession than) => _peers.Any(p => p.Session is { IsLeaving: false } session && !ReferenceEquals(session, than));

    /// <summary>One of the sessions; waits for the first that can be had.</summary>
    /// <exception cref="RpcException">None can: not executed.</exception>
    public async Task<ClientSession> ConnectedAsync(CancellationToken cancellationToken)
    {
        if (Connected is { } session)
        {
            return session;
        }
        try
        {
            return await Reconnecting.FirstAsync(_peers.Select(static p => p.ConnectAsync()), cancellationToken);
        }
        catch (RpcException failure)
        {
            // What one call fails with is changed by whoever catches it: each has its own.
            throw new RpcException(failure.Status, failure.Trailers);
        }
    }

    public Task ConnectAsync(CancellationToken cancellationToken) => ConnectedAsync(cancellationToken);

    /// <summary>A writer of one's own until it is returned; most callers get the one that is kept.</summary>
    public MessageWriter RentWriter() => Interlocked.Exchange(ref _writer, null) ?? new MessageWriter();

    public void ReturnWriter(MessageWriter writer) => Volatile.Write(ref _writer, writer);

    public async ValueTask DisposeAsync()
    {
        foreach (var peer in _peers)
        {
            await peer.DisposeAsync();
        }
    }
}
