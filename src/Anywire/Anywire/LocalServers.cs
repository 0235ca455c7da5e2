using System.Collections.Concurrent;
using Grpc.Core;

namespace Anywire;

/// <summary>The servers of a transport that never leaves the process, by the name they listen under. Any thread may use it.</summary>
internal sealed class LocalServers<TServer>
    where TServer : class, ITransportServer
{
    private readonly ConcurrentDictionary<string, TServer> _servers = new(StringComparer.Ordinal);

    /// <exception cref="IOException">The name is taken.</exception>
    public void Add(TServer server)
    {
        if (!_servers.TryAdd(server.Endpoint.Path, server))
        {
            throw new IOException($"{server.Endpoint} is taken: something in this process listens there already.");
        }
    }

    /// <summary>Frees the name, if this server is the one that has it.</summary>
    public void Remove(TServer server) => _servers.TryRemove(KeyValuePair.Create(server.Endpoint.Path, server));

    /// <summary>One of those that listen at the addresses, in turns; null when none does.</summary>
    public TServer? Pick(IReadOnlyList<Endpoint> endpoints, ref int turn)
    {
        if (endpoints.Count == 1)
        {
            return _servers.GetValueOrDefault(endpoints[0].Path);
        }
        var first = (int)((uint)Interlocked.Increment(ref turn) % (uint)endpoints.Count);
        for (var i = 0; i < endpoints.Count; i++)
        {
            if (_servers.TryGetValue(endpoints[(first + i) % endpoints.Count].Path, out var server))
            {
                return server;
            }
        }
        return null;
    }

    /// <summary>Fails when nobody listens at any of the addresses.</summary>
    public Task ConnectAsync(TransportClientOptions options) => options.Endpoints.Any(e => _servers.ContainsKey(e.Path))
        ? Task.CompletedTask
        : Task.FromException(LocalServers.NobodyListens(options));
}

/// <summary>What is the same whatever the servers are.</summary>
internal static class LocalServers
{
    public static RpcException NobodyListens(TransportClientOptions options) => NotExecuted.Because(
        "unreachable", $"Nobody listens on {string.Join(", ", options.Endpoints)} in this process: {options.Service} has not started, or has stopped.");
}
