using Anywire.Server;
using Microsoft.AspNetCore.Connections;

namespace Anywire.HttpConnections.Server;

/// <summary>Who holds a connection of a secured listener: those who have proved a name up to a limit, and apart from them newcomers, who are not in anybody's way. Any thread may
/// use it.</summary>
/// <param name="maxConnections">The most that have proved a name.</param>
/// <param name="maxNewConnections">The most that have not; of more the oldest gives way.</param>
internal sealed class ConnectionGate(int maxConnections, int maxNewConnections)
{
    private static readonly object PlaceKey = new();

    private readonly Newcomers<ConnectionContext> _new = new(maxNewConnections, static connection => connection.Abort());
    private int _proved;

    /// <summary>Stands before the handshake.</summary>
    public ConnectionDelegate Greet(ConnectionDelegate next) => async connection =>
    {
        if (Volatile.Read(ref _proved) >= maxConnections)
        {
            // Before a word was said, so that the caller knows that nothing of its was executed.
            return;
        }
        var place = _new.Enter(connection);
        connection.Items[PlaceKey] = place;
        try
        {
            await next(connection);
        }
        finally
        {
            _new.Leave(place);
        }
    };

    /// <summary>Stands behind the handshake.</summary>
    public ConnectionDelegate Admit(ConnectionDelegate next) => async connection =>
    {
        _new.Leave((LinkedListNode<ConnectionContext>)connection.Items[PlaceKey]!);
        try
        {
            // Others may have come in meanwhile.
            if (Interlocked.Increment(ref _proved) <= maxConnections)
            {
                await next(connection);
            }
        }
        finally
        {
            Interlocked.Decrement(ref _proved);
        }
    };
}
