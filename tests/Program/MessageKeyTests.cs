using Anywire;
using Microsoft.Extensions.Time.Testing;
using NSec.Cryptography;
using Twite.Commands;
using Twite.Hosting;
using Twite.Keys;
using Twite.Topologies;

namespace Twite.ProgramTests;

/// <summary>The keys of messages that go through a broker: everybody has the public halves of all others, at every moment.</summary>
public sealed class MessageKeyTests : IDisposable
{
    private static readonly string[] Services = ["accounts", "follows", "web"];

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("twite-message-keys-");
    private readonly FakeTimeProvider _time = new(TimeProvider.System.GetUtcNow());

    private string Dir => Path.Combine(_directory.FullName, "keys");

    private KeyFolder Keys => KeyFolder.At(Dir, null, _time);

    [Fact]
    public void Each_has_its_own_and_the_public_ones_of_all_others()
    {
        Keys.Update(Services);
        var accounts = Load("accounts");
        Assert.Equal(1U, accounts.Current);
        Assert.Equal(["follows", "web"], accounts.Peers.Keys.Order(StringComparer.Ordinal));
        AssertAgree(accounts, "accounts", Load("web"), "web");
        Assert.NotEqual(Load("web").Own[1].ToArray(), accounts.Own[1].ToArray());
    }

    [Fact]
    public void They_can_be_read_by_their_owner_alone()
    {
        Keys.Update(Services);
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(FileOf("web")));
        }
    }

    [Fact]
    public void What_is_missing_is_added_and_nothing_else_changes()
    {
        Keys.Update(Services);
        var before = Load("accounts");
        Assert.Equal(["accounts", "follows", "messages", "web"], Keys.Update([.. Services, "messages"]).MessageKeys);
        Assert.Equal(before.Own[1].ToArray(), Load("accounts").Own[1].ToArray());
        File.Delete(FileOf("web"));
        Assert.Equal(["accounts", "follows", "messages", "web"], Keys.Update(Services).MessageKeys);
        AssertAgree(Load("accounts"), "accounts", Load("web"), "web");
        Assert.True(Keys.Update(Services).AreNone);
    }

    [Theory, InlineData("{"), InlineData("{}"), InlineData("null"), InlineData("""{"current":1,"own":null,"peers":{}}"""), InlineData("""{"current":1,"own":{"1":"AAAA"},"peers":{}}""")]
    public void What_is_no_such_file_is_refused_and_mended(string text)
    {
        Keys.Update(Services);
        File.WriteAllText(FileOf("web"), text);
        Assert.Contains("twite keys --dir", Assert.Throws<TopologyException>(() => Load("web")).Message);
        Assert.Equal(Services, Keys.Update(Services).MessageKeys);
        AssertAgree(Load("accounts"), "accounts", Load("web"), "web");
    }

    [Fact]
    public void A_copy_of_anothers_is_not_used()
    {
        Keys.Update(Services);
        File.Copy(FileOf("web"), FileOf("accounts"), overwrite: true);
        Assert.Contains("message-keys.json", Assert.Throws<TopologyException>(() => Load("accounts")).Message);
        Keys.Update(Services);
        Assert.NotEqual(Load("web").Own[1].ToArray(), Load("accounts").Own[1].ToArray());
        AssertAgree(Load("accounts"), "accounts", Load("web"), "web");
    }

    [Fact]
    public void Without_a_broker_nobody_needs_them_and_over_one_it_is_said_how_to_get_them()
    {
        Keys.Update(Services);
        File.Delete(FileOf("web"));
        Assert.Null(CertificateFolder.Load(Dir, "web").MessageKeys);
        Assert.Contains("twite keys --dir DIR", Assert.Throws<TopologyException>(() => Load("web")).Message);
    }

    [Fact]
    public void With_the_authority_away_they_are_asked_for_only_where_messages_go_through_a_broker()
    {
        Keys.Update(Services);
        Directory.Move(Path.Combine(Dir, "authority"), Path.Combine(_directory.FullName, "stick"));
        Assert.True(Keys.Update(Services).AreNone);
        File.Delete(FileOf("web"));
        Assert.Empty(Keys.UpdateToRun(Services, needsMessageKeys: false));
        Assert.Contains("message keys", Assert.Throws<UsageException>(() => Keys.UpdateToRun(Services, needsMessageKeys: true)).Message);
        // Of somebody who is not to run.
        Assert.Empty(Keys.UpdateToRun([.. Services.Where(s => s != "web")], needsMessageKeys: true));
        Assert.Contains("message keys", Assert.Throws<UsageException>(() => Keys.Update(Services)).Message);
    }

    [Fact]
    public void Whoever_is_issued_a_certificate_has_new_ones_that_all_others_learn()
    {
        Keys.Update(Services);
        Assert.Equal(["accounts", "bot", "follows", "web"], Keys.Issue("bot").MessageKeys);
        var before = Load("bot");
        Keys.Issue("bot");
        Assert.NotEqual(before.Own[1].ToArray(), Load("bot").Own[1].ToArray());
        AssertAgree(Load("bot"), "bot", Load("web"), "web");
    }

    [Fact]
    public void A_broker_has_none()
    {
        Keys.Update([.. Services, KeyFolder.Broker]);
        Assert.False(File.Exists(FileOf(KeyFolder.Broker)));
        Assert.DoesNotContain(KeyFolder.Broker, Load("web").Peers.Keys);
    }

    [Fact]
    public void A_rotation_leaves_no_moment_in_which_old_and_new_do_not_understand_each_other()
    {
        Keys.Update(Services);
        var before = (Accounts: Load("accounts"), Web: Load("web"));
        var first = before.Accounts.Own[1].ToArray();
        uint[] current = [1, 2, 2];
        uint[][] kept = [[1, 2], [1, 2], [2]];
        for (var step = 0; step < 3; step++)
        {
            Keys.Rotate(now: true);
            var after = (Accounts: Load("accounts"), Web: Load("web"));
            Assert.Equal(current[step], after.Accounts.Current);
            Assert.Equal(kept[step], after.Accounts.Own.Keys.Order());
            Assert.Equal(kept[step], after.Accounts.Peers["web"].Keys.Order());
            AssertAgree(after.Accounts, "accounts", after.Web, "web");
            // One was restarted with the new files, the other was not yet; either way round.
            AssertAgree(before.Accounts, "accounts", after.Web, "web");
            AssertAgree(after.Accounts, "accounts", before.Web, "web");
            before = after;
        }
        Assert.NotEqual(first, before.Accounts.Own[2].ToArray());
    }

    public void Dispose() => _directory.Delete(recursive: true);

    /// <summary>What either uses, the other has: both come to the same secret, which nobody else knows.</summary>
    private static void AssertAgree(MessageKeys one, string oneName, MessageKeys other, string otherName)
    {
        foreach (var number in new[] { one.Current, other.Current })
        {
            Assert.Equal(Secret(one.Own[number], one.Peers[otherName][number]), Secret(other.Own[number], other.Peers[oneName][number]));
        }
    }

    private static byte[] Secret(ReadOnlyMemory<byte> own, ReadOnlyMemory<byte> peer)
    {
        var agreement = KeyAgreementAlgorithm.X25519;
        using var key = Key.Import(agreement, own.Span, KeyBlobFormat.RawPrivateKey);
        using var secret = agreement.Agree(
            key, PublicKey.Import(agreement, peer.Span, KeyBlobFormat.RawPublicKey), new SharedSecretCreationParameters { ExportPolicy = KeyExportPolicies.AllowPlaintextExport })!;
        return secret.Export(SharedSecretBlobFormat.RawSharedSecret);
    }

    private string FileOf(string name) => Path.Combine(Dir, name, "message-keys.json");

    private MessageKeys Load(string name) => CertificateFolder.Load(Dir, name, overBroker: true).MessageKeys!;
}
