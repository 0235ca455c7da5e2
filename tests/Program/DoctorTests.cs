using System.Net;
using System.Net.Sockets;
using Twite.Examination;
using Twite.Hosting;

namespace Twite.ProgramTests;

/// <summary><c>twite doctor</c> finds what is wrong, and says the way out.</summary>
public sealed class DoctorTests : IDisposable
{
    private readonly CommandLine _twite = new();

    [Fact]
    public async Task An_empty_machine_is_well()
    {
        var result = await _twite.RunAsync("doctor", "--data", _twite.Data, "--urls", "http://127.0.0.1:0");
        Assert.True(result.ExitCode == 0, result.Output);
        Assert.Matches("(?m)^ok +accounts.db +is not there yet", result.Output);
        Assert.Matches("(?m)^ok +clock ", result.Output);
        Assert.False(Directory.Exists(_twite.Data), "It only looks.");
    }

    [Fact]
    public async Task A_port_that_somebody_has_is_found_with_who_has_it()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var result = await _twite.RunAsync("doctor", "--data", _twite.Data, "--urls", $"http://{other.LocalEndpoint}");
        Assert.Equal(1, result.ExitCode);
        Assert.Matches($"(?m)^fail +web:{((IPEndPoint)other.LocalEndpoint).Port} +.* is taken", result.Output);
    }

    [Fact]
    public async Task A_port_for_datagrams_is_looked_at_too()
    {
        // Nobody else gets that of TCP meanwhile.
        var port = UnusedPorts.Find();
        using var other = new UdpClient(new IPEndPoint(IPAddress.Loopback, port));
        var topology = _twite.Write("t.json", (await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "topologies", "sockets.json")))
            .Replace("udps://127.0.0.1:5154", $"udps://127.0.0.1:{port}", StringComparison.Ordinal));
        var result = await _twite.RunAsync("doctor", "--data", _twite.Data, "--topology", topology);
        Assert.Equal(1, result.ExitCode);
        Assert.Matches($"(?m)^ok +[a-z]+:{port} +.* is free", result.Output);
        Assert.Matches($"(?m)^fail +[a-z]+:{port}/udp +.* is taken", result.Output);
    }

    [Fact]
    public async Task Certificates_are_looked_at_when_a_topology_needs_them()
    {
        Assert.Matches("(?m)^warn +certificates +there are none", (await _twite.RunAsync("doctor", "--data", _twite.Data, "--topology", "grpc")).Output);
        var keys = _twite.PathOf("keys");
        await _twite.RunAsync("keys", "--dir", keys);
        File.Delete(Path.Combine(keys, "web", "web.key"));
        var result = await _twite.RunAsync("doctor", "--data", _twite.Data, "--topology", "grpc", "--certificates", keys);
        Assert.Equal(1, result.ExitCode);
        Assert.Matches("(?m)^fail +web.pem +.*web.key is missing; make it anew", result.Output);
        Assert.Matches("(?m)^ok +accounts.pem +is good until", result.Output);
    }

    [Fact]
    public async Task A_broker_and_the_keys_for_it_are_looked_at_when_a_topology_has_one()
    {
        var keys = _twite.PathOf("keys");
        await _twite.RunAsync("keys", "broker", "--topology", "nats", "--dir", keys);
        var topology = _twite.Write("t.json", (await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "topologies", "nats.json"))).Replace(":4222", $":{UnusedPorts.Find()}"));
        var result = await _twite.RunAsync("doctor", "--data", _twite.Data, "--topology", topology, "--certificates", keys);
        Assert.Matches("(?m)^ok +broker.pem +is good until", result.Output);
        Assert.Matches("(?m)^ok +message keys +each service has its own", result.Output);
        Assert.Matches("(?m)^warn +NATS +nobody listens at natss://127.0.0.1:.*twite up --with-broker", result.Output);
        Assert.DoesNotMatch("accounts:[0-9]+ ", result.Output);

        File.Copy(Path.Combine(keys, "web", "message-keys.json"), Path.Combine(keys, "accounts", "message-keys.json"), overwrite: true);
        var mixedUp = await _twite.RunAsync("doctor", "--data", _twite.Data, "--topology", topology, "--certificates", keys);
        Assert.Equal(1, mixedUp.ExitCode);
        Assert.Matches("(?m)^fail +message keys +of accounts: its message-keys.json is that of another service; mend it: twite keys --dir", mixedUp.Output);
    }

    [Fact]
    public async Task A_certificate_that_expires_soon_is_warned_of()
    {
        var keys = _twite.PathOf("keys");
        await _twite.RunAsync("keys", "--dir", keys);
        var soon = TimeProvider.System.GetUtcNow() + TimeSpan.FromDays(340);
        Assert.All(CertificateExam.Look(keys, ["web"], soon), f => Assert.Equal((Severity.Warn, true), (f.Severity, f.Text.Contains("twite keys --dir"))));
        Assert.All(CertificateExam.Look(keys, ["web"], soon + TimeSpan.FromDays(40)), f => Assert.Equal((Severity.Fail, true), (f.Severity, f.Text.Contains("expired"))));
    }

    [Fact]
    public async Task A_file_that_is_no_database_is_found()
    {
        Directory.CreateDirectory(_twite.Data);
        await File.WriteAllTextAsync(Path.Combine(_twite.Data, "follows.db"), string.Concat(Enumerable.Repeat("no database ", 100)));
        var result = await _twite.RunAsync("doctor", "--data", _twite.Data);
        Assert.Equal(1, result.ExitCode);
        Assert.Matches("(?m)^fail +follows.db +.*cannot be read", result.Output);
    }

    [Fact]
    public async Task A_file_from_the_future_means_that_the_clock_is_wrong()
    {
        Directory.CreateDirectory(_twite.Data);
        var file = Path.Combine(_twite.Data, "accounts.db-wal");
        await File.WriteAllTextAsync(file, "");
        File.SetLastWriteTimeUtc(file, TimeProvider.System.GetUtcNow().UtcDateTime.AddDays(1));
        Assert.Matches("(?m)^fail +clock ", (await _twite.RunAsync("doctor", "--data", _twite.Data)).Output);
    }

    [Fact]
    public async Task A_topology_that_cannot_be_run_is_said()
    {
        var file = _twite.Write("t.json", """{ "services": { "accounts": { "listen": ["pigeon:a"] } } }""");
        var result = await _twite.RunAsync("doctor", "--data", _twite.Data, "--topology", file);
        Assert.Equal(1, result.ExitCode);
        Assert.Matches("(?m)^fail +topology +.*pigeon:", result.Output);
    }

    [Theory]
    [InlineData("Max open files            1024                 524288               files     ", 1024L)]
    [InlineData("Max open files            unlimited            unlimited            files     ", null)]
    [InlineData("Max processes             7                    7                    processes ", null)]
    public void The_limit_of_open_files_is_understood(string line, long? files) => Assert.Equal(files, MachineExam.OpenFiles([line]));

    public void Dispose() => _twite.Dispose();
}
