using Anywire;
using Grpc.Core;
using Twite.Contracts;
using Twite.Services.Bed;

namespace Twite.Services.Accounts;

public abstract partial class AccountsSuite
{
    [Fact]
    public async Task Who_signs_up_is_logged_in()
    {
        var reply = await Accounts.SignUpAsync(new SignUpRequest { Name = "Ada", Password = Person.Password });
        var verified = await VerifyAsync(reply.Token);
        Assert.Equal("Ada", verified.Account.Name);
        Assert.Equal("Ada", verified.Account.DisplayName);
        Assert.Equal(reply.Account.Id, verified.Account.Id);
        Assert.Equal(_bed.Time.GetUtcNow(), verified.Account.CreatedAt.ToDateTimeOffset());
        Assert.Equal(_bed.Time.GetUtcNow() + TimeSpan.FromDays(30), reply.ExpiresAt.ToDateTimeOffset());
    }

    [Theory, InlineData("ada"), InlineData("ADA")]
    public async Task A_name_is_given_out_once(string again)
    {
        await SignUpAsync("Ada");
        var error = await Refusals.StatusAsync(StatusCode.AlreadyExists, () => SignUpAsync(again));
        Assert.Equal("NAME_TAKEN", error.Reason());
    }

    [Fact]
    public async Task Two_who_want_the_same_name_at_once_do_not_both_get_it()
    {
        var attempts = await Task.WhenAll(Enumerable.Range(0, 8).Select(async _ =>
        {
            try
            {
                return (await Accounts.SignUpAsync(new SignUpRequest { Name = "ada", Password = Person.Password })).Account.Id;
            }
            catch (RpcException error) when (error.StatusCode == StatusCode.AlreadyExists)
            {
                return 0;
            }
        }));
        Assert.Single(attempts, id => id != 0);
    }

    [Theory]
    [InlineData("", Person.Password, "name", "EMPTY")]
    [InlineData("settings", Person.Password, "name", "RESERVED")]
    [InlineData("a b", Person.Password, "name", "CHARACTERS")]
    [InlineData("ada", "short", "password", "TOO_SHORT")]
    [InlineData("ada", "password123", "password", "COMMON")]
    [InlineData("ada_lovelace", "ADA_LOVELACE", "password", "IS_NAME")]
    public Task A_bad_name_or_password_is_refused(string name, string password, string field, string rule) =>
        Refusals.InvalidAsync(field, rule, async () => await Accounts.SignUpAsync(new SignUpRequest { Name = name, Password = password }));

    [Fact]
    public async Task Nobody_signs_up_whose_request_is_refused()
    {
        await Refusals.InvalidAsync("password", "TOO_SHORT", async () => await Accounts.SignUpAsync(new SignUpRequest { Name = "ada", Password = "short" }));
        await Refusals.StatusAsync(StatusCode.NotFound, async () => await Accounts.LookUpAccountAsync(new LookUpAccountRequest { Name = "ada" }));
    }

    [Fact]
    public async Task Five_sign_up_from_one_address_in_half_an_hour()
    {
        async Task FromAddress(string name) => await Accounts.SignUpAsync(
            new SignUpRequest { Name = name, Password = Person.Password, ClientAddress = "192.0.2.1" });
        for (var i = 0; i < 5; i++)
        {
            await FromAddress($"ada{i}");
        }
        await Refusals.StatusAsync(StatusCode.ResourceExhausted, () => FromAddress("ada5"));
        await Accounts.SignUpAsync(new SignUpRequest { Name = "elsewhere", Password = Person.Password, ClientAddress = "192.0.2.2" });
        _bed.Time.Advance(TimeSpan.FromMinutes(30));
        await FromAddress("ada5");
    }

    [Fact]
    public async Task Who_is_refused_a_name_may_try_others()
    {
        await SignUpAsync("taken");
        for (var i = 0; i < 6; i++)
        {
            await Refusals.StatusAsync(StatusCode.AlreadyExists, async () => await Accounts.SignUpAsync(
                new SignUpRequest { Name = "taken", Password = Person.Password, ClientAddress = "192.0.2.1" }));
        }
        await Accounts.SignUpAsync(new SignUpRequest { Name = "free", Password = Person.Password, ClientAddress = "192.0.2.1" });
    }

    [Fact]
    public async Task The_file_is_its_owner_s_only()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Files have no such modes there.");
        await SignUpAsync("ada");
#pragma warning disable CA1416 // skipped on Windows
        Assert.All(DatabaseFiles(), file =>
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file)));
#pragma warning restore CA1416
    }

    [Fact]
    public async Task No_secret_is_stored_as_it_is()
    {
        var ada = await SignUpAsync("ada");
        await LogInAsync("ada");
        Assert.All(DatabaseFiles(), file =>
        {
            var stored = System.Text.Encoding.Latin1.GetString(ReadShared(file));
            Assert.DoesNotContain(ada.Token, stored, StringComparison.Ordinal);
            Assert.DoesNotContain(Person.Password, stored, StringComparison.Ordinal);
        });
    }

    private IEnumerable<string> DatabaseFiles() =>
        Directory.GetFiles(_bed.Directory, "accounts.db*").Where(file => !file.EndsWith("lock", StringComparison.Ordinal));

    private static byte[] ReadShared(string file)
    {
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }
}
