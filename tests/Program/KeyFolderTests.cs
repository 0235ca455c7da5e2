using System.Security.Cryptography.X509Certificates;
using Anywire;
using Microsoft.Extensions.Time.Testing;
using Twite.Commands;
using Twite.Hosting;
using Twite.Keys;

namespace Twite.ProgramTests;

/// <summary><c>twite keys</c>: certificates that all believe each other, at every moment of their life.</summary>
public sealed class KeyFolderTests : IDisposable
{
    private static readonly string[] Services = ["accounts", "web"];

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("twite-keys-");
    private readonly FakeTimeProvider _time = new(TimeProvider.System.GetUtcNow());

    private string Dir => Path.Combine(_directory.FullName, "keys");

    private KeyFolder Keys => KeyFolder.At(Dir, null, _time);

    [Fact]
    public void A_certificate_proves_its_services_name_on_both_sides()
    {
        Keys.Update(Services);
        var certificate = Load("accounts").Certificate;
        Assert.Equal("accounts", ServiceCredentials.NameOf(certificate));
        Assert.Equal(["1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2"],
            certificate.Extensions.OfType<X509EnhancedKeyUsageExtension>().Single().EnhancedKeyUsages.Cast<System.Security.Cryptography.Oid>().Select(o => o.Value));
        Assert.Equal("1.2.840.10045.2.1", certificate.PublicKey.Oid.Value);
        Assert.Equal(KeyLifetimes.Certificate.TotalDays, (certificate.NotAfter.ToUniversalTime() - _time.GetUtcNow().UtcDateTime).TotalDays, 1);
    }

    [Fact]
    public void Those_of_one_cluster_believe_each_other_and_nobody_else()
    {
        Keys.Update(Services);
        var stranger = KeyFolder.At(Path.Combine(_directory.FullName, "other"), null, _time);
        stranger.Update(Services);
        Assert.True(Load("accounts").IsTrusted(Load("web").Certificate));
        Assert.False(Load("accounts").IsTrusted(CertificateFolder.Load(Path.Combine(_directory.FullName, "other"), "web").Certificate));
    }

    [Fact]
    public void Keys_can_be_read_by_their_owner_alone()
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }
        Keys.Update(Services);
        var secrets = Directory.EnumerateFiles(Dir, "*.key", SearchOption.AllDirectories).ToList();
        Assert.Equal(Services.Length + 1, secrets.Count);
        foreach (var secret in secrets)
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(secret));
        }
        foreach (var folder in Directory.EnumerateDirectories(Dir))
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(folder));
        }
    }

    [Fact]
    public void A_second_run_changes_nothing()
    {
        Keys.Update(Services);
        var before = Everything();
        Assert.True(Keys.Update(Services).AreNone);
        Assert.Equal(before, Everything());
    }

    [Fact]
    public void What_expires_soon_is_renewed_while_it_is_still_good()
    {
        Keys.Update(Services);
        var before = Load("accounts");
        _time.Advance(KeyLifetimes.Certificate - KeyLifetimes.RenewBefore - TimeSpan.FromHours(1));
        Assert.True(Keys.Update(Services).AreNone);
        _time.Advance(TimeSpan.FromHours(2));
        Assert.Equal(Services, Keys.Update(Services).Certificates.Select(m => m.Name));
        Assert.Equal(before.Authorities[0].Thumbprint, Load("accounts").Authorities[0].Thumbprint);
        Assert.NotEqual(before.Certificate.Thumbprint, Load("accounts").Certificate.Thumbprint);
        Assert.All(Keys.Show(), c => Assert.Null(c.Problem));
    }

    [Fact]
    public void What_is_missing_or_broken_is_made_anew_and_nothing_else()
    {
        Keys.Update(Services);
        var web = File.ReadAllText(PathOf("web", "web.pem"));
        File.Delete(PathOf("accounts", "accounts.key"));
        Assert.Equal(["accounts"], Keys.Update(Services).Certificates.Select(m => m.Name));
        File.WriteAllText(PathOf("accounts", "accounts.pem"), web);
        Assert.Equal(["accounts"], Keys.Update(Services).Certificates.Select(m => m.Name));
        Assert.Equal(web, File.ReadAllText(PathOf("web", "web.pem")));
    }

    [Fact]
    public void A_brokers_certificate_proves_the_machines_of_its_nodes_and_goes_on_to_when_it_is_renewed()
    {
        Keys.Update(["web", KeyFolder.Broker]);
        Assert.Equal(["broker"], Keys.Update([KeyFolder.Broker], brokerHosts: ["10.0.0.1", "mq.example.org"]).Certificates.Select(m => m.Name));
        Assert.True(Keys.Update([KeyFolder.Broker], brokerHosts: ["10.0.0.1"]).AreNone);
        _time.Advance(TimeSpan.FromDays(300));
        Assert.Contains("broker", Keys.Update(["web"]).Certificates.Select(m => m.Name));
        Assert.Equal(["10.0.0.1", "mq.example.org"], Keys.Show().Single(c => c.Name == KeyFolder.Broker).Hosts);
        Assert.Empty(Keys.Show().Single(c => c.Name == "web").Hosts);
    }

    [Fact]
    public void With_the_authority_away_all_goes_on_until_something_must_be_made()
    {
        Keys.Update(Services);
        var away = Path.Combine(_directory.FullName, "stick");
        Directory.Move(Path.Combine(Dir, "authority"), away);
        Assert.True(Keys.Update(Services).AreNone);
        Assert.Contains("--authority", Assert.Throws<UsageException>(() => Keys.Update([.. Services, "lab"])).Message);
        Assert.Throws<UsageException>(() => Keys.Issue("lab"));
        KeyFolder.At(Dir, away, _time).Issue("lab");
        Assert.True(Load("accounts").IsTrusted(Load("lab").Certificate));
    }

    [Fact]
    public void With_the_authority_away_whoever_can_run_may_until_the_last_day()
    {
        Keys.Update(["bot"]);
        _time.Advance(TimeSpan.FromDays(30));
        Keys.Update(Services);
        Directory.Move(Path.Combine(Dir, "authority"), Path.Combine(_directory.FullName, "stick"));
        Assert.Empty(Keys.UpdateToRun(Services, needsMessageKeys: true));
        // The bot's certificate is out of force, and those of the services are to be renewed.
        _time.Advance(KeyLifetimes.Certificate - TimeSpan.FromDays(20));
        Assert.Equal(Services, Keys.UpdateToRun(Services, needsMessageKeys: true).Select(c => c.Name));
        Assert.Contains("bot needs", Assert.Throws<UsageException>(() => Keys.UpdateToRun([.. Services, "bot"], needsMessageKeys: true)).Message);
        Assert.Contains("lab needs", Assert.Throws<UsageException>(() => Keys.UpdateToRun([.. Services, "lab"], needsMessageKeys: true)).Message);
        _time.Advance(TimeSpan.FromDays(20));
        Assert.Contains("it has expired", Assert.Throws<UsageException>(() => Keys.UpdateToRun(Services, needsMessageKeys: true)).Message);
    }

    [Fact]
    public void A_rotation_leaves_no_moment_in_which_old_and_new_do_not_believe_each_other()
    {
        Keys.Update(Services);
        var generations = new List<(ServiceCredentials Accounts, ServiceCredentials Web)> { (Load("accounts"), Load("web")) };
        for (var step = 1; step <= 3; step++)
        {
            Keys.Rotate(now: true);
            generations.Add((Load("accounts"), Load("web")));
            var (before, after) = (generations[^2], generations[^1]);
            // One was restarted with the new files, the other was not yet; either way round.
            Assert.True(before.Accounts.IsTrusted(after.Web.Certificate), $"step {step}: old does not believe new");
            Assert.True(after.Accounts.IsTrusted(before.Web.Certificate), $"step {step}: new does not believe old");
        }
        Assert.False(generations[^1].Accounts.IsTrusted(generations[0].Web.Certificate), "the first authority is trusted although it was replaced");
        Assert.Null(Keys.Authorities!.Next);
        Assert.Null(Keys.Authorities!.Previous);
        Assert.Single(Directory.EnumerateFiles(Path.Combine(Dir, "authority"), "*.key"));
    }

    [Fact]
    public void A_step_of_a_rotation_waits_for_the_one_before()
    {
        Keys.Update(Services);
        Keys.Rotate(now: false);
        _time.Advance(KeyLifetimes.Overlap - TimeSpan.FromMinutes(1));
        Assert.Contains("--now", Assert.Throws<UsageException>(() => Keys.Rotate(now: false)).Message);
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(2, Keys.Rotate(now: false).Issuer);
    }

    [Fact]
    public void A_step_that_was_cut_short_is_completed_by_the_next_run()
    {
        Keys.Update(Services);
        var old = File.ReadAllText(PathOf("accounts", "ca.pem"));
        Keys.Rotate(now: false);
        Keys.Rotate(now: true);
        File.WriteAllText(PathOf("accounts", "ca.pem"), old);
        File.Delete(PathOf("accounts", "accounts.pem"));
        Assert.Equal(["accounts"], Keys.Update(Services).Certificates.Select(m => m.Name));
        Assert.Equal(2, Load("accounts").Authorities.Count);
        Assert.True(Load("accounts").IsTrusted(Load("web").Certificate));
    }

    [Theory, InlineData(""), InlineData("a b"), InlineData("../up"), InlineData("authority"), InlineData("Bot"), InlineData("-x"), InlineData("a.b")]
    public void What_could_be_no_name_gets_no_certificate(string name)
    {
        Keys.Update(Services);
        Assert.Throws<UsageException>(() => Keys.Issue(name));
    }

    [Fact]
    public async Task Who_reads_while_they_are_replaced_gets_a_pair_that_belongs_together()
    {
        Keys.Update(Services);
        using var done = new CancellationTokenSource();
        var reader = Task.Run(() =>
        {
            var read = 0;
            while (!done.IsCancellationRequested)
            {
                Assert.True(Load("accounts").Certificate.HasPrivateKey);
                read++;
            }
            return read;
        });
        for (var renewal = 0; renewal < 50; renewal++)
        {
            Keys.Issue("accounts");
        }
        await done.CancelAsync();
        Assert.True(await reader > 0);
    }

    public void Dispose() => _directory.Delete(recursive: true);

    private string PathOf(string name, string file) => Path.Combine(Dir, name, file);

    private ServiceCredentials Load(string name) => CertificateFolder.Load(Dir, name);

    private List<string> Everything() =>
        [.. Directory.EnumerateFiles(Dir, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal).Select(f => f + File.GetLastWriteTimeUtc(f).Ticks + File.ReadAllText(f))];
}
