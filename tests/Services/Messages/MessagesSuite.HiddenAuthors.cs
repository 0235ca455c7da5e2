using Grpc.Core;
using Twite.Contracts;
using Twite.Services.Bed;

namespace Twite.Services.Messages;

public abstract partial class MessagesSuite
{
    [Fact]
    public async Task A_suspended_authors_messages_are_hidden_until_it_is_lifted()
    {
        var ann = await Poster.SignUpAsync(_bed, "ann");
        var bob = await Poster.SignUpAsync(_bed, "bob");
        var hers = await ann.PostAsync("finch of ann");
        var his = await bob.PostAsync("finch of bob");
        var headers = await ann.HeadersAsync();
        await _bed.Accounts("admin").SetSuspendedAsync(new SetSuspendedRequest { Id = ann.Id, Suspended = true });
        await UntilCountedAsync(ann.Id, 0);
        Assert.Equal([his], (await ByAuthorsAsync([ann.Id, bob.Id])).Messages);
        Assert.Equal([his], (await _bed.Messages().ListPublicAsync(new ListPublicRequest { Page = new Page { Limit = 1 } })).Messages);
        Assert.Equal([his], (await SearchAsync("finch")).Messages);
        Assert.Empty((await _bed.Messages().ListByIdsAsync(new ListByIdsRequest { Ids = { hers.Id } })).Messages);
        await Refusals.StatusAsync(StatusCode.NotFound, async () => await _bed.Messages().GetAsync(new GetRequest { Id = hers.Id }));
        await Refusals.StatusAsync(StatusCode.PermissionDenied, async () => await _bed.Messages().PostAsync(
            new PostRequest { Text = "still here", IdempotencyKey = "k" }, headers));

        await _bed.Accounts("admin").SetSuspendedAsync(new SetSuspendedRequest { Id = ann.Id, Suspended = false });
        await UntilCountedAsync(ann.Id, 1);
        Assert.Equal([his, hers], (await ByAuthorsAsync([ann.Id, bob.Id])).Messages);
    }

    [Fact]
    public async Task What_is_counted_is_what_is_listed_while_an_author_is_hidden_and_let_in()
    {
        var ann = await Poster.SignUpAsync(_bed, "ann");
        await ann.PostAsync("finch of ann");
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        for (var round = 1; round <= 100; round++)
        {
            var hide = round % 2 == 1;
            var saying = _bed.Messages("accounts").OnAccountClosedAsync(new AccountClosed
            {
                Header = new EventHeader { Id = $"accounts-{round}" },
                AccountId = ann.Id,
                State = hide ? AccountState.Suspended : AccountState.Active,
            });
            // Not when it is said: who looks meanwhile is to see one state too.
            while (await CountAsync(ann.Id) != (hide ? 0 : 1))
            {
                // Asked again at once: the moment that matters is a short one.
                patience.Token.ThrowIfCancellationRequested();
            }
            Assert.Equal(hide ? 0 : 1, (await ByAuthorsAsync([ann.Id])).Messages.Count);
            await saying;
        }
    }

    [Fact]
    public async Task An_event_that_is_not_its_senders_own_is_refused()
    {
        var ann = await Poster.SignUpAsync(_bed, "ann");
        foreach (var id in new[] { "follows-1", "accounts", "accounts-" })
        {
            await Refusals.InvalidAsync("header.id", "NOT_YOURS", async () => await _bed.Messages("accounts").OnAccountClosedAsync(new AccountClosed
            {
                Header = new EventHeader { Id = id },
                AccountId = ann.Id,
                State = AccountState.Suspended,
            }));
        }
    }

    [Fact]
    public async Task A_deleted_accounts_messages_are_removed()
    {
        var ann = await Poster.SignUpAsync(_bed, "ann");
        for (var i = 0; i < 5; i++)
        {
            await ann.PostAsync($"finch {i}");
        }
        var closed = new AccountClosed
        {
            Header = new EventHeader { Id = "accounts-1" },
            AccountId = ann.Id,
            State = AccountState.Deleted,
        };
        await _bed.Messages("accounts").OnAccountClosedAsync(closed);
        await _bed.Messages("accounts").OnAccountClosedAsync(closed);
        Assert.Empty((await ByAuthorsAsync([ann.Id])).Messages);
        // Lifting a suspension that came late does not bring them back.
        await _bed.Messages("accounts").OnAccountClosedAsync(new AccountClosed
        {
            Header = new EventHeader { Id = "accounts-2" },
            AccountId = ann.Id,
            State = AccountState.Active,
        });
        await _bed.RestartMessagesAsync();
        Assert.Empty((await ByAuthorsAsync([ann.Id])).Messages);
        Assert.Empty((await SearchAsync("finch")).Messages);
    }
}
