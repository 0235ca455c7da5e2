using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Anywire.Identity;
using Twite.Commands;
using Twite.Hosting;
using Twite.Keys;

namespace Twite.ProgramTests;

/// <summary>What differs on other systems than these tests run on, as far as Linux can show it.</summary>
public sealed class PlatformTests : IDisposable
{
    private readonly CommandLine _twite = new();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_TLS_is_given_on_Windows_proves_the_same_as_elsewhere(bool isWindows)
    {
        var keys = _twite.PathOf("keys");
        await _twite.RunAsync("keys", "--dir", keys);
        var folder = KeyFolder.Of(keys, "accounts");
        var (accounts, web) = (CertificateFolder.Load(keys, "accounts"), CertificateFolder.Load(keys, "web"));
        var read = X509Certificate2.CreateFromPemFile(Path.Combine(folder, "accounts.pem"), Path.Combine(folder, "accounts.key"));

        using var given = CertificateFolder.ForTls(read, isWindows);

        Assert.Equal(isWindows, !ReferenceEquals(read, given));
        Assert.Equal(accounts.Certificate.Thumbprint, given.Thumbprint);
        Assert.Equal("web", await ShakeHandsAsync(new MutualTls(accounts with { Certificate = given }), new MutualTls(web), "accounts"));
    }

    [Fact]
    public void What_a_system_lacks_is_said_in_its_own_words_and_not_tried_again() =>
        Assert.Equal(new Failure(ExitCodes.Usage, "There is no TLS 1.3 here."), Failure.Of(new PlatformNotSupportedException("There is no TLS 1.3 here.")));

    public void Dispose() => _twite.Dispose();

    // The name that the caller proved.
    private static async Task<string?> ShakeHandsAsync(MutualTls listening, MutualTls calling, string service)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var near = new TcpClient();
        var accepting = listener.AcceptTcpClientAsync(TestContext.Current.CancellationToken);
        await near.ConnectAsync((IPEndPoint)listener.LocalEndpoint, TestContext.Current.CancellationToken);
        using var far = await accepting;
        await using var caller = new SslStream(near.GetStream());
        await using var listens = new SslStream(far.GetStream());
        string? name = null;
        await Task.WhenAll(
            listens.AuthenticateAsServerAsync(listening.Server(proved => name = proved, Assert.Fail), TestContext.Current.CancellationToken),
            caller.AuthenticateAsClientAsync(calling.Client(service, Assert.Fail), TestContext.Current.CancellationToken));
        return name;
    }
}
