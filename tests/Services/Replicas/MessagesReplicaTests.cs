using System.Collections.Concurrent;
using Anywire.Identity;
using Grpc.Core;
using Twite.Contracts;
using Twite.Postgres;
using Twite.Services.Bed;

namespace Twite.Services.Replicas;

/// <summary>Messages, three times on one database: each knows in memory what the others wrote as soon as it is acknowledged.</summary>
public sealed class MessagesReplicaTests(PostgresTestServer server) : IAsyncLifetime
{
    private readonly List<ServiceBed> _replicas = [];
    private Person _ada = null!;

    public async ValueTask InitializeAsync()
    {
        _replicas.Add(await ServiceBed.StartAsync(new Carrier.WireForcedOnServer(server), messages: o => o with { RecentMessages = 40 }));
        for (var i = 0; i < 2; i++)
        {
            _replicas.Add(await _replicas[0].StartReplicaAsync(new Carrier.WireForcedOnServer(server), o => o with { RecentMessages = 40 }));
        }
        _ada = await Person.SignUpAsync(_replicas[0], "ada");
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var replica in Enumerable.Reverse(_replicas))
        {
            await replica.DisposeAsync();
        }
    }

    [Fact]
    public async Task What_was_acknowledged_by_one_is_in_the_next_reading_at_each()
    {
        for (var round = 0; round < 30; round++)
        {
            var posted = await PostAsync(round % 3, $"round {round}");
            foreach (var messages in _replicas.Select(r => r.Messages()))
            {
                var mine = await messages.ListByAuthorsAsync(new ListByAuthorsRequest { AuthorIds = { _ada.Id }, Page = new Page { Limit = 80 } });
                Assert.Equal(posted, mine.Messages[0]);
                Assert.Equal(round + 1, mine.Messages.Count);
                Assert.Equal(posted.Id, mine.UpToId);
                Assert.Equal(posted, (await messages.ListPublicAsync(new ListPublicRequest())).Messages[0]);
                Assert.Equal(posted, (await messages.SearchAsync(new SearchRequest { Query = $"round {round}" })).Messages[0]);
            }
        }
    }

    [Fact]
    public async Task What_was_deleted_or_hidden_by_one_is_gone_at_each()
    {
        var (first, second) = (await PostAsync(0, "first"), await PostAsync(1, "second"));
        await AllSeeAsync(first, second);
        await _replicas[2].Messages().DeleteAsync(new DeleteRequest { Id = first.Id }, _ada.Headers);
        await AllSeeAsync(second);
        await CloseAsync(1, AccountState.Suspended, at: 1);
        await AllSeeAsync();
        await Refusals.StatusAsync(StatusCode.PermissionDenied, () => PostAsync(2, "refused"));
        await CloseAsync(2, AccountState.Active, at: 2);
        await AllSeeAsync(second);
        await CloseAsync(0, AccountState.Deleted, at: 3);
        await AllSeeAsync();
    }

    [Fact]
    public async Task Who_was_let_in_again_by_one_deletes_at_another_that_was_not_asked_since()
    {
        var posted = await PostAsync(0, "first");
        await CloseAsync(0, AccountState.Suspended, at: 1);
        await AllSeeAsync();
        await CloseAsync(0, AccountState.Active, at: 2);
        await _replicas[2].Messages().DeleteAsync(new DeleteRequest { Id = posted.Id }, _ada.Headers);
        await AllSeeAsync();
    }

    [Fact]
    public async Task No_cursor_misses_a_message_whoever_posts_and_wherever_it_reads()
    {
        const int Posts = 60;
        using var done = new CancellationTokenSource();
        var readers = _replicas.Select(replica => Task.Run(async () =>
        {
            var (seen, cursor) = (new List<long>(), 1L);
            while (true)
            {
                var last = done.IsCancellationRequested;
                var page = await replica.Messages().ListChangesAsync(new ListChangesRequest { SinceId = cursor, Limit = 7 });
                seen.AddRange(page.Changes.Select(c => c.Id));
                cursor = page.UpToId;
                if (last && !page.More)
                {
                    return seen;
                }
            }
        })).ToList();
        var posted = new ConcurrentBag<long>();
        await Task.WhenAll(Enumerable.Range(0, 3).SelectMany(replica => Enumerable.Range(0, 4).Select(writer => Task.Run(async () =>
        {
            for (var i = 0; i < Posts / 12; i++)
            {
                posted.Add((await PostAsync(replica, $"{replica} {writer} {i}")).Id);
            }
        }))));
        await done.CancelAsync();
        foreach (var seen in await Task.WhenAll(readers))
        {
            Assert.Equal(posted.Order(), seen);
        }
    }

    [Fact]
    public async Task One_key_is_one_message_wherever_it_comes_at_once()
    {
        var all = await Task.WhenAll(Enumerable.Range(0, 12).Select(i => PostAsync(i % 3, "once", "key")));
        Assert.Single(all.Distinct());
        await AllSeeAsync(all[0]);
    }

    [Fact]
    public async Task Each_event_is_handed_over_once_whosever_relay_does_it()
    {
        var posted = new List<long>();
        for (var i = 0; i < 30; i++)
        {
            posted.Add((await PostAsync(i % 3, $"{i}")).Id);
        }
        await ServiceBed.UntilAsync(() => Told().Count() >= 30);
        await _replicas[0].AdvanceUntilAsync(
            TimeSpan.FromMilliseconds(10), () => _replicas[0].Module<Twite.Messages.MessagesModule>().Outbox.Count() == (0, 0));
        Assert.Equal(posted.Order(), Told().Select(e => e.Message.Id).Order());
        // Each hands over what was posted at it: the work is shared as the posts are.
        Assert.All(_replicas, replica => Assert.Equal(10, replica.Events.Notifications.Told.OfType<MessagePosted>().Count()));

        IEnumerable<MessagePosted> Told() => _replicas.SelectMany(r => r.Events.Notifications.Told.OfType<MessagePosted>());
    }

    private async Task<Message> PostAsync(int replica, string text, string? key = null) => await _replicas[replica].Messages().PostAsync(
        new PostRequest { Text = text, IdempotencyKey = key ?? Guid.NewGuid().ToString() }, UserIdentity.Headers(_ada.Assertion));

    private async Task CloseAsync(int replica, AccountState state, int at) => await _replicas[replica].Messages("accounts").OnAccountClosedAsync(new AccountClosed
    {
        Header = new EventHeader { Id = $"accounts-{at}", OccurredAt = new() { Seconds = at } },
        AccountId = _ada.Id,
        State = state,
    });

    private async Task AllSeeAsync(params Message[] expected)
    {
        foreach (var replica in _replicas)
        {
            var found = await replica.Messages().ListByAuthorsAsync(new ListByAuthorsRequest { AuthorIds = { _ada.Id } });
            Assert.Equal(expected.OrderByDescending(m => m.Id), found.Messages);
        }
    }
}
