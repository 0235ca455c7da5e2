using Anywire;
using Grpc.Core;
using Twite.Contracts;
using Twite.Services.Bed;

namespace Twite.Services.Accounts;

public abstract partial class AccountsSuite
{
    [Fact]
    public async Task A_suspended_account_is_out_at_once_and_back_when_it_is_lifted()
    {
        var ada = await SignUpAsync("ada");
        await SuspendAsync(ada, true);
        Assert.Equal("SUSPENDED", (await EndedAsync(ada.Token)).Reason());
        Assert.Equal("SUSPENDED", (await Refusals.StatusAsync(StatusCode.PermissionDenied, () => LogInAsync("ada"))).Reason());
        Assert.True((await Accounts.GetAccountAsync(new GetAccountRequest { Id = ada.Id })).Suspended);
        await SuspendAsync(ada, false);
        await VerifyAsync(ada.Token);
        await LogInAsync("ada");
    }

    [Fact]
    public async Task Who_does_not_know_the_password_does_not_learn_of_a_suspension()
    {
        var ada = await SignUpAsync("ada");
        await SuspendAsync(ada, true);
        var error = await Refusals.StatusAsync(StatusCode.Unauthenticated, () => LogInAsync("ada", "wrong horse battery"));
        Assert.Equal("WRONG_PASSWORD", error.Reason());
    }

    [Fact]
    public async Task A_suspended_account_is_not_found_by_searching()
    {
        var ada = await SignUpAsync("ada");
        await SuspendAsync(ada, true);
        Assert.Empty((await Accounts.SearchAccountsAsync(new SearchAccountsRequest { Query = "ada" })).Accounts);
    }

    [Fact]
    public async Task Others_are_told_of_a_suspension_and_of_its_end()
    {
        var ada = await SignUpAsync("ada");
        await SuspendAsync(ada, true);
        await SuspendAsync(ada, true);
        await SuspendAsync(ada, false);
        await ServiceBed.UntilAsync(() => _bed.Events.Notifications.Told.Count >= 2 && _bed.Events.Messages.Told.Count >= 2);
        foreach (var told in new[] { _bed.Events.Messages.Told, _bed.Events.Notifications.Told })
        {
            var states = told.Cast<AccountClosed>().OrderBy(e => e.Header.OccurredAt.ToDateTimeOffset()).ToList();
            Assert.Equal([AccountState.Suspended, AccountState.Active], states.Select(e => e.State));
            Assert.All(states, e => Assert.Equal(ada.Id, e.AccountId));
            Assert.All(states, e => Assert.StartsWith("accounts-", e.Header.Id, StringComparison.Ordinal));
            Assert.Equal(2, states.Select(e => e.Header.Id).Distinct().Count());
        }
    }

    [Fact]
    public async Task A_deleted_account_is_gone()
    {
        var ada = await SignUpAsync("ada");
        var token = await Accounts.CreateTokenAsync(new CreateTokenRequest(), ada.Headers);
        await DeleteAsync(ada);
        await EndedAsync(ada.Token);
        await EndedAsync(token.Token);
        await Refusals.StatusAsync(StatusCode.NotFound, async () => await Accounts.GetAccountAsync(new GetAccountRequest { Id = ada.Id }));
        await Refusals.StatusAsync(StatusCode.Unauthenticated, () => LogInAsync("ada"));
        await ServiceBed.UntilAsync(() => !_bed.Events.Messages.Told.IsEmpty);
        Assert.Equal(AccountState.Deleted, Assert.IsType<AccountClosed>(_bed.Events.Messages.Told.Single()).State);
    }

    [Theory, InlineData("ada"), InlineData("ADA")]
    public async Task A_deleted_account_s_name_is_never_given_out_again(string name)
    {
        await DeleteAsync(await SignUpAsync("ada"));
        await Refusals.StatusAsync(StatusCode.AlreadyExists, () => SignUpAsync(name));
        // Imported as nobody, so that the others are.
        var reply = await Operator.ImportAccountsAsync(
            new ImportAccountsRequest { Accounts = { new ImportedAccount { Name = name }, new ImportedAccount { Name = "eve" } } });
        Assert.Equal((1, 0L), (reply.Created, reply.Ids[0]));
        Assert.True(reply.Ids[1] > 0);
    }

    [Fact]
    public async Task An_account_is_deleted_only_by_who_knows_its_password()
    {
        var ada = await SignUpAsync("ada");
        await Refusals.StatusAsync(StatusCode.Unauthenticated, async () =>
            await Accounts.DeleteAccountAsync(new DeleteAccountRequest { Password = "wrong horse battery" }, ada.Headers));
        await VerifyAsync(ada.Token);
    }

    [Fact]
    public async Task An_assertion_of_a_deleted_account_does_nothing_any_more()
    {
        var ada = await SignUpAsync("ada");
        await DeleteAsync(ada);
        var error = await Refusals.StatusAsync(StatusCode.Unauthenticated, async () =>
            await Accounts.UpdateProfileAsync(new UpdateProfileRequest { DisplayName = "Ghost" }, ada.Headers));
        Assert.Equal("ACCOUNT_CLOSED", error.Reason());
    }

    [Fact]
    public async Task Suspending_nobody_is_an_error() => await Refusals.StatusAsync(StatusCode.NotFound, async () =>
        await Operator.SetSuspendedAsync(new SetSuspendedRequest { Id = 42, Suspended = true }));

    [Fact]
    public Task At_most_500_events_are_confirmed_at_once() => Refusals.InvalidAsync("event_ids", "TOO_MANY", async () =>
        await _bed.Accounts("follows").HandledAsync(new HandledRequest { EventIds = { Enumerable.Repeat("accounts-1", 501) } }));

    [Fact]
    public async Task What_waits_for_one_receiver_is_neither_confirmed_nor_given_up_by_another()
    {
        var ada = await SignUpAsync("ada");
        _bed.Events.IsNotificationsAway = true;
        await SuspendAsync(ada, true);
        var waiting = await _bed.AdvanceUntilOneAsync("SELECT id FROM outbox");
        foreach (var other in new[] { "messages", "follows" })
        {
            await _bed.Accounts(other).HandledAsync(new HandledRequest { EventIds = { $"accounts-{waiting}" } });
            await _bed.Accounts(other).HandledAsync(new HandledRequest { Refused = { RefusedEvent.Of($"accounts-{waiting}", "Never mind.") } });
            Assert.Equal([waiting], await _bed.AskAsync("accounts", "SELECT id FROM outbox WHERE parked_at IS NULL"));
        }
        await _bed.Accounts("notifications").HandledAsync(new HandledRequest { EventIds = { $"accounts-{waiting}" } });
        Assert.Empty(await _bed.AskAsync("accounts", "SELECT id FROM outbox"));
    }

    private async Task SuspendAsync(Person person, bool suspended) =>
        await Operator.SetSuspendedAsync(new SetSuspendedRequest { Id = person.Id, Suspended = suspended });

    private async Task DeleteAsync(Person person) =>
        await Accounts.DeleteAccountAsync(new DeleteAccountRequest { Password = Person.Password }, person.Headers);
}
