using Anywire;
using Anywire.Identity;
using Grpc.Core;
using Twite.Contracts;
using Twite.Services.Bed;

namespace Twite.Services.Accounts;

public abstract partial class AccountsSuite
{
    [Fact]
    public async Task A_profile_is_what_its_owner_says()
    {
        var ada = await SignUpAsync("ada");
        await Accounts.UpdateProfileAsync(new UpdateProfileRequest { DisplayName = "Ada Lovelace", Biography = "Poetical science" }, ada.Headers);
        var account = await Accounts.GetAccountAsync(new GetAccountRequest { Id = ada.Id });
        Assert.Equal(("Ada Lovelace", "Poetical science"), (account.DisplayName, account.Biography));
        Assert.Equal("Ada Lovelace", (await VerifyAsync(ada.Token)).Account.DisplayName);
    }

    [Fact]
    public async Task What_is_absent_is_left_as_it_is()
    {
        var ada = await SignUpAsync("ada");
        await Accounts.UpdateProfileAsync(new UpdateProfileRequest { DisplayName = "Ada Lovelace" }, ada.Headers);
        await Accounts.UpdateProfileAsync(new UpdateProfileRequest { Biography = "Poetical science" }, ada.Headers);
        var account = await Accounts.GetAccountAsync(new GetAccountRequest { Id = ada.Id });
        Assert.Equal(("Ada Lovelace", "Poetical science"), (account.DisplayName, account.Biography));
    }

    [Fact]
    public async Task An_empty_display_name_is_the_name_again()
    {
        var ada = await SignUpAsync("ada");
        await Accounts.UpdateProfileAsync(new UpdateProfileRequest { DisplayName = "Ada Lovelace" }, ada.Headers);
        Assert.Equal("ada", (await Accounts.UpdateProfileAsync(new UpdateProfileRequest { DisplayName = "" }, ada.Headers)).DisplayName);
    }

    [Fact]
    public async Task A_profile_that_deceives_is_refused()
    {
        var ada = await SignUpAsync("ada");
        await Refusals.InvalidAsync("display_name", "CHARACTERS", async () =>
            await Accounts.UpdateProfileAsync(new UpdateProfileRequest { DisplayName = "a\u202Eb" }, ada.Headers));
        await Refusals.InvalidAsync("biography", "TOO_LONG", async () =>
            await Accounts.UpdateProfileAsync(new UpdateProfileRequest { Biography = new string('x', 301) }, ada.Headers));
    }

    [Fact]
    public async Task Accounts_are_found_by_id_and_by_name()
    {
        var ada = await SignUpAsync("Ada");
        Assert.Equal("Ada", (await Accounts.GetAccountAsync(new GetAccountRequest { Id = ada.Id })).Name);
        Assert.Equal(ada.Id, (await Accounts.LookUpAccountAsync(new LookUpAccountRequest { Name = "aDA" })).Id);
        await Refusals.StatusAsync(StatusCode.NotFound, async () => await Accounts.GetAccountAsync(new GetAccountRequest { Id = 42 }));
        await Refusals.StatusAsync(StatusCode.NotFound, async () => await Accounts.LookUpAccountAsync(new LookUpAccountRequest { Name = "' OR 1=1" }));
    }

    [Fact]
    public async Task Many_are_listed_by_ids_and_names_each_once()
    {
        var ada = await SignUpAsync("ada");
        var eve = await SignUpAsync("eve");
        var bob = await SignUpAsync("bob");
        var reply = await Accounts.ListAccountsAsync(new ListAccountsRequest { Ids = { bob.Id, ada.Id, 42 }, Names = { "EVE", "Ada", "nobody_here", "' OR 1=1" } });
        Assert.Equal([ada.Id, eve.Id, bob.Id], reply.Accounts.Select(a => a.Id));
    }

    [Fact]
    public Task At_most_500_are_listed() => Refusals.InvalidAsync("ids", "TOO_MANY", async () =>
        await Accounts.ListAccountsAsync(new ListAccountsRequest { Ids = { Enumerable.Range(1, 501).Select(i => (long)i) } }));

    [Theory]
    [InlineData("ad", "ad,ada,adam,zoe")] // the name itself first, then names, then display names
    [InlineData("@ADA", "ada,adam")]
    [InlineData("Adm", "zoe")]
    [InlineData("grace h", "hopper")]
    [InlineData("%", "")]
    [InlineData("_", "_a")]
    [InlineData("a_a", "")]
    [InlineData("'; DROP TABLE accounts; --", "")]
    [InlineData("\"((*", "")]
    [InlineData("", "")]
    [InlineData(" @ ", "")]
    [InlineData("ad\0a", "")]
    public async Task A_search_finds_what_starts_so(string query, string names)
    {
        foreach (var (name, display) in new[] { ("adam", ""), ("ada", ""), ("ad", ""), ("zoe", "Admiral Zoe"), ("hopper", "Grace Hopper"), ("_a", "") })
        {
            await Operator.ImportAccountsAsync(new ImportAccountsRequest { Accounts = { new ImportedAccount { Name = name, DisplayName = display } } });
        }
        var found = await Accounts.SearchAccountsAsync(new SearchAccountsRequest { Query = query });
        Assert.Equal(names, string.Join(',', found.Accounts.Select(a => a.Name)));
    }

    [Fact]
    public async Task A_name_is_found_however_a_keyboard_composes_its_letters()
    {
        const string composed = "Ren\u00E9e", decomposed = "Rene\u0301e";
        await Operator.ImportAccountsAsync(new ImportAccountsRequest { Accounts = { new ImportedAccount { Name = "renee", DisplayName = composed } } });
        foreach (var query in new[] { composed, decomposed })
        {
            Assert.Single((await Accounts.SearchAccountsAsync(new SearchAccountsRequest { Query = query })).Accounts);
        }
    }

    [Fact]
    public async Task A_search_finds_as_many_as_it_may()
    {
        await Operator.ImportAccountsAsync(new ImportAccountsRequest { Accounts = { Enumerable.Range(0, 100).Select(i => new ImportedAccount { Name = $"ada{i}" }) } });
        async Task<int> Found(int limit) => (await Accounts.SearchAccountsAsync(new SearchAccountsRequest { Query = "ada", Limit = limit })).Accounts.Count;
        Assert.Equal((20, 5, 80), (await Found(0), await Found(5), await Found(1_000)));
        await Refusals.InvalidAsync("limit", "NEGATIVE", () => Found(-1));
        await Refusals.InvalidAsync("query", "TOO_LONG", async () => await Accounts.SearchAccountsAsync(new SearchAccountsRequest { Query = new string('x', 501) }));
    }

    [Fact]
    public async Task A_new_password_ends_the_other_sessions_and_the_old_password()
    {
        var ada = await SignUpAsync("ada");
        var other = await LogInAsync("ada");
        await ChangePasswordAsync(ada, Person.Password, "a better horse battery");
        await VerifyAsync(ada.Token);
        await EndedAsync(other);
        await Refusals.StatusAsync(StatusCode.Unauthenticated, () => LogInAsync("ada"));
        await LogInAsync("ada", "a better horse battery");
    }

    [Fact]
    public async Task A_new_password_keeps_api_tokens()
    {
        var ada = await SignUpAsync("ada");
        var token = (await Accounts.CreateTokenAsync(new CreateTokenRequest(), ada.Headers)).Token;
        await ChangePasswordAsync(ada, Person.Password, "a better horse battery");
        await VerifyAsync(token);
    }

    [Fact]
    public async Task A_password_is_changed_only_by_who_knows_it_and_only_for_a_good_one()
    {
        var ada = await SignUpAsync("ada");
        var wrong = await Refusals.StatusAsync(StatusCode.Unauthenticated, () => ChangePasswordAsync(ada, "wrong horse battery", "a better horse battery"));
        Assert.Equal("WRONG_PASSWORD", wrong.Reason());
        await Refusals.InvalidAsync("new_password", "COMMON", () => ChangePasswordAsync(ada, Person.Password, "password1"));
        await LogInAsync("ada");
    }

    [Fact]
    public async Task Guessing_with_a_session_in_hand_ends_after_25_failures()
    {
        var ada = await SignUpAsync("ada");
        for (var i = 0; i < 25; i++)
        {
            await Refusals.StatusAsync(StatusCode.Unauthenticated, async () =>
                await Accounts.DeleteAccountAsync(new DeleteAccountRequest { Password = "wrong horse battery" }, ada.Headers));
        }
        await Refusals.StatusAsync(StatusCode.ResourceExhausted, async () =>
            await Accounts.DeleteAccountAsync(new DeleteAccountRequest { Password = Person.Password }, ada.Headers));
        await LogInAsync("ada");
    }

    private async Task ChangePasswordAsync(Person person, string current, string next) => await Accounts.ChangePasswordAsync(
        new ChangePasswordRequest { CurrentPassword = current, NewPassword = next, KeepSessionId = person.SessionId }, UserIdentity.Headers(person.Assertion));
}
