using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging;
using Twite.Keys;

namespace Twite.Hosting;

/// <summary>Says which of the certificates that this process runs with expire soon, from <see cref="KeyLifetimes.WarnBefore"/> on: at once, and then once
/// a day until it is disposed.</summary>
internal sealed class CertificateWatch : IAsyncDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromDays(1);

    private readonly List<(string Service, DateTimeOffset Until)> _certificates;
    private readonly ILogger _logger;
    private readonly TimeProvider _time;
    private readonly ITimer _timer;

    /// <summary>Begins to watch.</summary>
    public CertificateWatch(IEnumerable<(string Service, X509Certificate2 Certificate)> certificates, ILogger logger, TimeProvider time)
    {
        _certificates = [.. certificates.Select(c => (c.Service, new DateTimeOffset(c.Certificate.NotAfter.ToUniversalTime())))];
        (_logger, _time) = (logger, time);
        Look();
        _timer = time.CreateTimer(_ => Look(), null, Interval, Interval);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _timer.DisposeAsync();

    private void Look()
    {
        foreach (var (service, until) in _certificates.Where(c => c.Until - _time.GetUtcNow() < KeyLifetimes.WarnBefore))
        {
            ProgramLog.CertificateExpires(_logger, service, until);
        }
    }
}
