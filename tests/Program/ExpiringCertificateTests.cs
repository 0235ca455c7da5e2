using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Twite.Hosting;
using Twite.Keys;
using Twite.Topologies;

namespace Twite.ProgramTests;

/// <summary>Whoever runs on towards the end of a certificate is told so.</summary>
public sealed class ExpiringCertificateTests : IDisposable
{
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    private readonly CommandLine _twite = new();
    private readonly KeptLog _log = new();

    [Fact]
    public async Task Is_said_once_a_day_from_a_month_before()
    {
        var now = new DateTimeOffset(2026, 11, 1, 12, 0, 0, TimeSpan.Zero);
        var time = new FakeTimeProvider(now);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = new CertificateRequest("CN=web", key, HashAlgorithmName.SHA256).CreateSelfSigned(now - Day, now + KeyLifetimes.WarnBefore + 2.5 * Day);
        await using (new CertificateWatch([("web", certificate)], _log, time))
        {
            time.Advance(2 * Day);
            Assert.Empty(_log.Lines);
            time.Advance(Day);
            Assert.Equal(["The certificate of web expires on 2026-12-04: renew it with twite keys, then restart web"], _log.Lines);
            time.Advance(40 * Day);
            Assert.Equal(41, _log.Lines.Count);
        }
        time.Advance(Day);
        Assert.Equal(41, _log.Lines.Count);
    }

    [Theory]
    [InlineData(29, true)]
    [InlineData(31, false)]
    public async Task Is_said_at_the_start_of_a_service(int daysLeft, bool isSaid)
    {
        var keys = _twite.PathOf("keys");
        await _twite.RunAsync("keys", "--dir", keys);
        var until = IssuedCertificate.Read(KeyFolder.Of(keys, "follows"), "follows", TimeProvider.System.GetUtcNow()).Until;
        var options = new TwiteHostOptions
        {
            Topology = TopologyFile.Parse(
                $$"""
                { "services": {
                  "accounts": { "listen": ["grpcs://127.0.0.1:1"] }, "messages": { "listen": ["grpcs://127.0.0.1:2"] }, "notifications": { "listen": ["grpcs://127.0.0.1:3"] },
                  "web": { "listen": ["grpcs://127.0.0.1:4"] }, "follows": { "listen": ["grpcs://127.0.0.1:{{UnusedPorts.Find()}}"] } } }
                """, "test.json"),
            Services = ["follows"],
            DataDirectory = _twite.Data,
            CertificateDirectory = keys,
            Configuration = new ConfigurationBuilder().Build(),
            Loggers = new LoggerFactory([_log]),
            Time = new FakeTimeProvider(until - daysLeft * Day),
        };
        await using var host = await TwiteHost.StartAsync(options, CancellationToken.None);
        var date = until.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        Assert.Equal(isSaid, _log.Lines.Contains($"The certificate of follows expires on {date}: renew it with twite keys, then restart follows"));
    }

    public void Dispose()
    {
        _log.Dispose();
        _twite.Dispose();
    }
}
