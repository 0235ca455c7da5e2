using Anywire;
using Grpc.Core;
using Twite.Contracts;
using Twite.Services.Bed;

namespace Twite.Services.Accounts;

public abstract partial class AccountsSuite
{
    [Fact]
    public async Task An_api_token_is_as_good_as_a_session_and_does_not_expire()
    {
        var ada = await SignUpAsync("ada");
        var token = await Accounts.CreateTokenAsync(new CreateTokenRequest { Label = "a program" }, ada.Headers);
        Assert.Null(token.ExpiresAt);
        Assert.Empty(token.Device);
        _bed.Time.Advance(TimeSpan.FromDays(1_000));
        Assert.Equal(ada.Id, (await VerifyAsync(token.Token)).Account.Id);
    }

    [Fact]
    public async Task The_operator_makes_tokens_for_anyone()
    {
        var ada = await SignUpAsync("ada");
        var token = await Operator.CreateTokenAsync(new CreateTokenRequest { Name = "ADA" });
        Assert.Equal(ada.Id, (await VerifyAsync(token.Token)).Account.Id);
        await Refusals.StatusAsync(StatusCode.NotFound, async () => await Operator.CreateTokenAsync(new CreateTokenRequest { Name = "eve" }));
    }

    [Fact]
    public async Task An_account_has_at_most_100_tokens()
    {
        await SignUpAsync("ada");
        for (var i = 0; i < 100; i++)
        {
            await Operator.CreateTokenAsync(new CreateTokenRequest { Name = "ada" });
        }
        var error = await Refusals.StatusAsync(StatusCode.FailedPrecondition, async () => await Operator.CreateTokenAsync(new CreateTokenRequest { Name = "ada" }));
        Assert.Equal("TOO_MANY_TOKENS", error.Reason());
    }

    [Fact]
    public async Task Importing_twice_changes_nothing()
    {
        var request = new ImportAccountsRequest
        {
            Accounts = { new ImportedAccount { Name = "ada", DisplayName = "Ada" }, new ImportedAccount { Name = "eve" }, new ImportedAccount { Name = "ADA" } },
        };
        var first = await Operator.ImportAccountsAsync(request.Clone());
        var second = await Operator.ImportAccountsAsync(request.Clone());
        Assert.Equal((2, 0), (first.Created, second.Created));
        Assert.Equal(first.Ids, second.Ids);
        Assert.Equal(first.Ids[0], first.Ids[2]);
        Assert.Equal("Ada", (await Accounts.GetAccountAsync(new GetAccountRequest { Id = first.Ids[0] })).DisplayName);
    }

    [Fact]
    public async Task A_name_that_was_deleted_is_imported_as_nobody()
    {
        var ada = await SignUpAsync("ada");
        await Accounts.DeleteAccountAsync(new DeleteAccountRequest { Password = Person.Password }, ada.Headers);
        var reply = await Operator.ImportAccountsAsync(new ImportAccountsRequest { Accounts = { new ImportedAccount { Name = "Ada" }, new ImportedAccount { Name = "eve" } } });
        Assert.Equal((1, 0L), (reply.Created, reply.Ids[0]));
        Assert.True(reply.Ids[1] > 0);
    }

    [Fact]
    public async Task One_bad_account_imports_none()
    {
        await Refusals.InvalidAsync("accounts[1].name", "CHARACTERS", async () => await Operator.ImportAccountsAsync(
            new ImportAccountsRequest { Accounts = { new ImportedAccount { Name = "ada" }, new ImportedAccount { Name = "a b" } } }));
        await Refusals.StatusAsync(StatusCode.NotFound, async () => await Accounts.LookUpAccountAsync(new LookUpAccountRequest { Name = "ada" }));
    }

    [Fact]
    public Task At_most_1000_are_imported_at_once() => Refusals.InvalidAsync("accounts", "TOO_MANY", async () => await Operator.ImportAccountsAsync(
        new ImportAccountsRequest { Accounts = { Enumerable.Range(0, 1_001).Select(i => new ImportedAccount { Name = $"a{i}" }) } }));

    [Fact]
    public async Task Nobody_logs_in_to_an_imported_account()
    {
        await Operator.ImportAccountsAsync(new ImportAccountsRequest { Accounts = { new ImportedAccount { Name = "ada" } } });
        await Refusals.StatusAsync(StatusCode.Unauthenticated, () => LogInAsync("ada", ""));
        await Refusals.StatusAsync(StatusCode.Unauthenticated, () => LogInAsync("ada"));
    }
}
