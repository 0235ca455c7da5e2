using Anywire.Identity;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Abstractions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;

namespace Anywire.HttpConnections.Server;

/// <summary>What Kestrel hands each request to. ASP.NET Core's own would start a span and write logs and metrics for each, all of which the waist
/// does, once for all wires.</summary>
internal sealed class CallApplication(RequestDelegate pipeline, IServiceScopeFactory scopes, TimeProvider time) : IHttpApplication<DefaultHttpContext>
{
    private long _lastCallAt;

    /// <summary>The timestamp of the newest call; 0 before the first.</summary>
    public long LastCallAt => Volatile.Read(ref _lastCallAt);

    public DefaultHttpContext CreateContext(IFeatureCollection contextFeatures)
    {
        // Kestrel keeps the context with its pooled stream.
        var container = contextFeatures as IHostContextContainer<DefaultHttpContext>;
        if (container?.HostContext is { } kept)
        {
            kept.Initialize(contextFeatures);
            return kept;
        }
        var made = new DefaultHttpContext(contextFeatures) { ServiceScopeFactory = scopes };
        if (container is not null)
        {
            container.HostContext = made;
        }
        return made;
    }

    public Task ProcessRequestAsync(DefaultHttpContext context)
    {
        Volatile.Write(ref _lastCallAt, time.GetTimestamp());
        if (context.Features.Get<IConnectionItemsFeature>() is { } connection && connection.Items.TryGetValue(PeerIdentity.ProvedNameKey, out var name))
        {
            context.Items[PeerIdentity.ProvedNameKey] = name;
        }
        return pipeline(context);
    }

    public void DisposeContext(DefaultHttpContext context, Exception? exception) => context.Uninitialize();
}
