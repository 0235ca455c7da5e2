using Anywire.Identity;
using Anywire.Tcp.Connections;
using Microsoft.Extensions.Logging;

namespace Anywire.Tcp.Client;

/// <summary>One address of a service and both connections to it: the usual one, and one for the methods that carry large messages, made when the first of them is
/// known, so that nobody's small messages stand behind megabytes in the same socket. Any thread may use it.</summary>
internal sealed class Destination(Endpoint endpoint, TransportClientOptions options, MutualTls? tls, Runtime runtime, ILogger logger) : IAsyncDisposable
{
    private readonly Address _usual = new(endpoint, options, tls, runtime, logger, tells: true);

    // Whether the address can be reached the usual one says.
    private readonly Address _bulk = new(endpoint, options, tls, runtime, logger, tells: false);

    /// <summary>The connection that takes calls of a method; null when there is none.</summary>
    public ClientConnection? For(ClientMethod method)
    {
        var usual = _usual.Ready;
        if (usual is null || !method.IsBulk)
        {
            return usual;
        }
        _bulk.Want();
        // While it is being made the other does; once its server shuts down, that would be refused there too.
        return _bulk.Usable is null ? usual : _bulk.Ready;
    }

    /// <summary>As <see cref="Address.Want"/>.</summary>
    public void Want() => _usual.Want();

    /// <summary>As <see cref="Address.GetAsync"/>: the usual connection.</summary>
    public Task<ClientConnection> GetAsync() => _usual.GetAsync();

    public async ValueTask DisposeAsync()
    {
        await _usual.DisposeAsync();
        await _bulk.DisposeAsync();
    }
}
