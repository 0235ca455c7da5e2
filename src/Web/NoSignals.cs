using Microsoft.Extensions.Hosting;

namespace Twite.Web;

/// <summary>The lifetime of a host within a program that decides itself when to stop: it does not listen to signals.</summary>
public sealed class NoSignals : IHostLifetime
{
    /// <inheritdoc/>
    public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
