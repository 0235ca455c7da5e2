using Anywire.Brokers;
using Grpc.Core;
using Twite.Contracts;
using Twite.Messages;
using Twite.Services.Bed;

namespace Twite.Services.Messages;

/// <summary>What holds for Messages over any wire.</summary>
public abstract partial class MessagesSuite(Carrier carrier) : IAsyncLifetime
{
    private ServiceBed _bed = null!;

    public async ValueTask InitializeAsync() => _bed = await ServiceBed.StartAsync(carrier, messages: o => o with { RecentMessages = 8 });

    public ValueTask DisposeAsync() => _bed.DisposeAsync();

    [Fact]
    public async Task A_post_is_what_was_posted()
    {
        var ann = await Poster.SignUpAsync(_bed, "Ann");
        var posted = await ann.PostAsync("  Cafe\u0301 at nine? \r\n ");
        Assert.Equal(("Café at nine?", ann.Id, "Ann"), (posted.Text, posted.AuthorId, posted.AuthorName));
        Assert.Equal(_bed.Time.GetUtcNow(), posted.CreatedAt.ToDateTimeOffset());
        Assert.Equal(posted, await _bed.Messages().GetAsync(new GetRequest { Id = posted.Id }));
    }

    [Fact]
    public async Task Posting_needs_a_person()
    {
        await Refusals.StatusAsync(StatusCode.Unauthenticated, async () => await _bed.Messages().PostAsync(
            new PostRequest { Text = "x", IdempotencyKey = "k" }));
        await Refusals.StatusAsync(StatusCode.Unauthenticated, async () => await _bed.Messages().DeleteAsync(new DeleteRequest { Id = 1 }));
    }

    [Fact]
    public async Task Only_the_front_end_posts_for_people()
    {
        var ann = await Poster.SignUpAsync(_bed, "ann");
        var headers = await ann.HeadersAsync();
        await Refusals.StatusAsync(StatusCode.PermissionDenied, async () => await _bed.Messages("notifications").PostAsync(
            new PostRequest { Text = "x", IdempotencyKey = "k" }, headers));
    }

    [Fact]
    public async Task The_same_key_gives_the_same_message_at_once_and_later_and_after_a_restart()
    {
        var ann = await Poster.SignUpAsync(_bed, "ann");
        var bob = await Poster.SignUpAsync(_bed, "bob");
        var all = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => ann.PostAsync("once", "key")));
        Assert.Single(all.Distinct());
        Assert.Equal(all[0], await ann.PostAsync("something else", "key"));
        Assert.NotEqual(all[0].Id, (await bob.PostAsync("mine", "key")).Id);
        await _bed.RestartMessagesAsync();
        Assert.Equal(all[0], await ann.PostAsync("once", "key"));
        Assert.Equal(2, (await _bed.Messages().ListPublicAsync(new ListPublicRequest())).Messages.Count);
    }

    [Fact]
    public async Task A_key_that_is_none_is_refused()
    {
        var ann = await Poster.SignUpAsync(_bed, "ann");
        foreach (var key in new[] { "", new string('k', 101), "kéy", "k k" })
        {
            await Refusals.InvalidAsync("idempotency_key", "NOT_A_KEY", () => ann.PostAsync("x", key));
        }
    }

    [Fact]
    public async Task A_text_that_breaks_the_rule_is_refused_with_the_field_and_the_rule()
    {
        var ann = await Poster.SignUpAsync(_bed, "ann");
        await Refusals.InvalidAsync("text", "TOO_LONG", () => ann.PostAsync(new string('x', 142)));
        await Refusals.InvalidAsync("text", "EMPTY", () => ann.PostAsync(" \n "));
        Assert.Empty((await _bed.Messages().ListPublicAsync(new ListPublicRequest())).Messages);
    }

    [Fact]
    public async Task A_deleted_message_is_gone_everywhere_and_its_key_stays_used()
    {
        var ann = await Poster.SignUpAsync(_bed, "ann");
        var kept = await ann.PostAsync("kept finch");
        var gone = await ann.PostAsync("gone finch", "key");
        await ann.DeleteAsync(gone.Id);
        await Refusals.StatusAsync(StatusCode.NotFound, async () => await _bed.Messages().GetAsync(new GetRequest { Id = gone.Id }));
        await Refusals.StatusAsync(StatusCode.NotFound, () => ann.DeleteAsync(gone.Id));
        await Refusals.StatusAsync(StatusCode.NotFound, () => ann.PostAsync("gone finch", "key"));
        Assert.Equal([kept], (await ByAuthorsAsync([ann.Id])).Messages);
        Assert.Equal([kept], (await _bed.Messages().ListPublicAsync(new ListPublicRequest())).Messages);
        Assert.Equal([kept], (await SearchAsync("finch")).Messages);
        Assert.Equal([1L], (await _bed.Messages().CountByAuthorsAsync(new CountByAuthorsRequest { AuthorIds = { ann.Id } })).Counts);
    }

    [Fact]
    public async Task Nobody_deletes_what_is_someone_elses()
    {
        var ann = await Poster.SignUpAsync(_bed, "ann");
        var bob = await Poster.SignUpAsync(_bed, "bob");
        var posted = await ann.PostAsync("mine");
        await Refusals.StatusAsync(StatusCode.PermissionDenied, () => bob.DeleteAsync(posted.Id));
        await Refusals.StatusAsync(StatusCode.NotFound, () => bob.DeleteAsync(posted.Id + 1));
        Assert.Equal(posted, await _bed.Messages().GetAsync(new GetRequest { Id = posted.Id }));
    }

    [Fact]
    public async Task A_timeline_is_the_messages_of_those_asked_for_newest_first_in_memory_and_below()
    {
        // Eight messages are in memory; the others are found by seeks.
        var people = new List<Poster>();
        foreach (var name in new[] { "ann", "bob", "eve" })
        {
            people.Add(await Poster.SignUpAsync(_bed, name));
        }
        var posted = new List<Message>();
        for (var i = 0; i < 30; i++)
        {
            posted.Add(await people[i % 3].PostAsync($"message {i}"));
        }
        await _bed.RestartMessagesAsync(o => o with { RecentMessages = 8 });
        var wanted = posted.Where(m => m.AuthorName is not "eve").Reverse().ToList();
        var ids = new[] { people[0].Id, people[1].Id };

        Assert.Equal(wanted.Take(20), (await ByAuthorsAsync(ids)).Messages);
        Assert.Equal(wanted, await PagesAsync(ids, 3));
        Assert.Equal(wanted.Take(5), (await ByAuthorsAsync(ids, new Page { SinceId = posted[0].Id, Limit = 5 })).Messages);
        Assert.Equal(wanted.Take(3), (await ByAuthorsAsync(ids, new Page { SinceId = wanted[3].Id })).Messages);
        Assert.Equal(wanted.Skip(12).Take(5), (await ByAuthorsAsync(ids, new Page { MinId = wanted[17].Id, Limit = 5 })).Messages);
        Assert.Equal(wanted.Take(2), (await ByAuthorsAsync(ids, new Page { MinId = wanted[2].Id, Limit = 5 })).Messages);
        Assert.Equal(posted[^1].Id, (await ByAuthorsAsync(ids)).UpToId);
        Assert.Empty((await ByAuthorsAsync([4711])).Messages);
        Assert.Empty((await ByAuthorsAsync([])).Messages);
    }

    [Fact]
    public async Task Pages_and_lists_that_make_no_sense_are_refused()
    {
        await Refusals.InvalidAsync("page", "NEGATIVE_ID", () => ByAuthorsAsync([1], new Page { MaxId = -1 }));
        await Refusals.InvalidAsync("page.limit", "NEGATIVE", () => ByAuthorsAsync([1], new Page { Limit = -1 }));
        await Refusals.InvalidAsync("author_ids", "TOO_MANY", () => ByAuthorsAsync(Enumerable.Range(1, 10_001).Select(i => (long)i)));
        await Refusals.InvalidAsync("query", "TOO_LONG", () => SearchAsync(new string('x', 501)));
    }

    [Fact]
    public async Task Everybodys_messages_are_paged_too()
    {
        var ann = await Poster.SignUpAsync(_bed, "ann");
        var posted = new List<Message>();
        for (var i = 0; i < 12; i++)
        {
            posted.Insert(0, await ann.PostAsync($"{i}"));
        }
        var first = await _bed.Messages().ListPublicAsync(new ListPublicRequest { Page = new Page { Limit = 5 } });
        Assert.Equal(posted.Take(5), first.Messages);
        var next = await _bed.Messages().ListPublicAsync(new ListPublicRequest { Page = new Page { Limit = 5, MaxId = first.Messages[^1].Id } });
        Assert.Equal(posted.Skip(5).Take(5), next.Messages);
        var above = await _bed.Messages().ListPublicAsync(new ListPublicRequest { Page = new Page { Limit = 5, MinId = posted[^1].Id } });
        Assert.Equal(posted.Skip(6).Take(5), above.Messages);
    }

    [Fact]
    public async Task Messages_are_found_by_their_ids()
    {
        var ann = await Poster.SignUpAsync(_bed, "ann");
        var one = await ann.PostAsync("one");
        var two = await ann.PostAsync("two");
        var found = await _bed.Messages().ListByIdsAsync(new ListByIdsRequest { Ids = { one.Id, two.Id, one.Id, 7 } });
        Assert.Equal([two, one], found.Messages);
    }

    [Fact]
    public async Task Search_finds_words_phrases_tags_and_authors_newest_first()
    {
        var ann = await Poster.SignUpAsync(_bed, "ann_b");
        var bob = await Poster.SignUpAsync(_bed, "bob");
        var tea = await ann.PostAsync("Green tea, please! #Tea");
        var crème = await bob.PostAsync("Tea with Crème brûlée is green enough");
        var other = await bob.PostAsync("nothing of that #coffee_time tea");
        Assert.Equal([other, crème, tea], (await SearchAsync("TEA")).Messages);
        Assert.Equal([crème, tea], (await SearchAsync("tea green")).Messages);
        Assert.Equal([tea], (await SearchAsync("\"green tea\"")).Messages);
        Assert.Equal([crème], (await SearchAsync("creme BRULEE")).Messages);
        Assert.Equal([tea], (await SearchAsync("#tea")).Messages);
        Assert.Equal([other], (await SearchAsync("#coffee_time")).Messages);
        Assert.Equal([tea], (await SearchAsync("from:ann_b")).Messages);
        Assert.Equal([tea], (await SearchAsync("tea from:@Ann_B")).Messages);
        Assert.Empty((await SearchAsync("from:ann")).Messages);
        Assert.Empty((await SearchAsync("tea -green absent")).Messages);
        Assert.Equal([crème], (await SearchAsync("tea", new Page { Limit = 1, MaxId = other.Id })).Messages);
    }

    private const string TenLetters = "ᄀᄀᄀᄀᄀᄀᄀᄀᄀᄀ";
    private const string SeventyLetters = TenLetters + TenLetters + TenLetters + TenLetters + TenLetters + TenLetters + TenLetters;

    // One character, as people count them, of 2,100 bytes.
    private const string LongestLetter = SeventyLetters + SeventyLetters + SeventyLetters + SeventyLetters + SeventyLetters
        + SeventyLetters + SeventyLetters + SeventyLetters + SeventyLetters + SeventyLetters;

    [Theory]
    [InlineData("\"((*")]
    [InlineData("' OR 1=1; DROP TABLE messages; --")]
    [InlineData("tea AND OR NOT NEAR(")]
    [InlineData("text : tea")]
    [InlineData("{a b} : c ^d e* \"")]
    [InlineData("#")]
    [InlineData("from:")]
    [InlineData("\"\" \"")]
    [InlineData("\0a\0\"b")]
    [InlineData("%_%\\")]
    [InlineData("🙂 👨‍👩‍👧")]
    [InlineData(LongestLetter)]
    [InlineData("   ")]
    [InlineData("")]
    public async Task Anything_may_be_searched_for(string query)
    {
        var ann = await Poster.SignUpAsync(_bed, "ann");
        await ann.PostAsync("tea");
        Assert.Empty((await SearchAsync(query)).Messages);
    }

    [Fact]
    public async Task What_changed_comes_in_order_without_gap_or_double()
    {
        var ann = await Poster.SignUpAsync(_bed, "ann");
        var bob = await Poster.SignUpAsync(_bed, "bob");
        var start = (await ChangesAsync(0)).UpToId;
        var one = await ann.PostAsync("one");
        var since = (await ByAuthorsAsync([ann.Id])).UpToId;
        Assert.Equal(one.Id, since);
        var two = await bob.PostAsync("two");
        await ann.DeleteAsync(one.Id);
        var three = await ann.PostAsync("three");

        var all = await ChangesAsync(since);
        Assert.Equal(["two", "-" + one.Id, "three"], all.Changes.Select(Say));
        Assert.Equal((three.Id, false), (all.UpToId, all.More));
        Assert.Equal(["-" + one.Id, "three"], (await ChangesAsync(since, ann.Id)).Changes.Select(Say));
        Assert.Equal(["two", "-" + one.Id, "three"], (await ChangesAsync(start)).Changes.Select(Say));

        var first = await _bed.Messages().ListChangesAsync(new ListChangesRequest { SinceId = since, Limit = 2 });
        Assert.Equal((2, true), (first.Changes.Count, first.More));
        Assert.Equal(first.Changes[^1].Id, first.UpToId);
        Assert.Equal(["three"], (await ChangesAsync(first.UpToId)).Changes.Select(Say));
        Assert.Empty((await ChangesAsync(three.Id)).Changes);

        static string Say(Change change) => change.WhatCase == Change.WhatOneofCase.Posted ? change.Posted.Text : $"-{change.Deleted.MessageId}";
    }

    [Fact]
    public async Task Notifications_is_told_of_posts_and_deletions_as_a_chain()
    {
        var ann = await Poster.SignUpAsync(_bed, "ann");
        var one = await ann.PostAsync("one");
        var two = await ann.PostAsync("two");
        await ann.DeleteAsync(one.Id);
        var told = _bed.Events.Notifications.Told;
        await ServiceBed.UntilAsync(() => told.Count(e => e is MessagePosted or MessageDeleted) == 3);
        var posts = told.OfType<MessagePosted>().OrderBy(e => e.Message.Id).ToList();
        var deletion = told.OfType<MessageDeleted>().Single();
        Assert.Equal([one, two], posts.Select(p => p.Message));
        Assert.Equal((one.Id, two.Id), (posts[1].PreviousChangeId, deletion.PreviousChangeId));
        Assert.Equal((one.Id, ann.Id), (deletion.MessageId, deletion.AuthorId));
        Assert.Equal(3, told.OfType<MessagePosted>().Select(p => p.Header.Id).Append(deletion.Header.Id).Distinct().Count());
        Assert.All(posts, p => Assert.StartsWith("messages-", p.Header.Id, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Accounts_is_told_which_of_its_events_were_given_up_and_why() =>
        Assert.Equal("It says nothing.", await _bed.GiveUpAsync(_bed.Module<MessagesModule>(), "messages"));

    [Fact]
    public async Task Imported_messages_are_stored_once_and_nobody_is_told()
    {
        var request = new ImportMessagesRequest();
        request.Messages.AddRange(Enumerable.Range(0, 500).Select(i => new ImportedMessage
        {
            AuthorId = 1 + (i % 3), AuthorName = $"person{i % 3}", Text = $"imported {i}", IdempotencyKey = $"seed-{i}",
        }));
        var admin = _bed.Messages("admin");
        Assert.Equal(500, (await admin.ImportMessagesAsync(request)).Created);
        Assert.Equal(0, (await admin.ImportMessagesAsync(request)).Created);
        Assert.Equal([167L, 167L, 166L, 0L], (await _bed.Messages().CountByAuthorsAsync(
            new CountByAuthorsRequest { AuthorIds = { 1, 2, 3, 4 } })).Counts);
        Assert.Equal("imported 499", (await _bed.Messages().ListPublicAsync(new ListPublicRequest { Page = new Page { Limit = 1 } })).Messages[0].Text);
        Assert.DoesNotContain(_bed.Events.Notifications.Told, e => e is MessagePosted);

        request = request.Clone();
        request.Messages[3].Text = "";
        request.Messages[0].IdempotencyKey = "new";
        await Refusals.InvalidAsync("messages[3].text", "EMPTY", async () => await admin.ImportMessagesAsync(request));
        Assert.Equal([167L], (await _bed.Messages().CountByAuthorsAsync(new CountByAuthorsRequest { AuthorIds = { 1 } })).Counts);
    }

    private async Task<MessagesReply> ByAuthorsAsync(IEnumerable<long> authors, Page? page = null) =>
        await _bed.Messages().ListByAuthorsAsync(new ListByAuthorsRequest { AuthorIds = { authors }, Page = page });

    private async Task<List<Message>> PagesAsync(long[] authors, int limit)
    {
        var all = new List<Message>();
        while (await ByAuthorsAsync(authors, new Page { MaxId = all.LastOrDefault()?.Id ?? 0, Limit = limit }) is { Messages.Count: > 0 } page)
        {
            all.AddRange(page.Messages);
        }
        return all;
    }

    private async Task<MessagesReply> SearchAsync(string query, Page? page = null) =>
        await _bed.Messages().SearchAsync(new SearchRequest { Query = query, Page = page });

    private async Task<ListChangesReply> ChangesAsync(long since, params long[] authors) =>
        await _bed.Messages().ListChangesAsync(new ListChangesRequest { SinceId = since, AuthorIds = { authors } });

    private async Task UntilCountedAsync(long author, long count)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (await CountAsync(author) != count)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(2), TimeProvider.System, patience.Token);
        }
    }

    private async Task<long> CountAsync(long author) =>
        (await _bed.Messages().CountByAuthorsAsync(new CountByAuthorsRequest { AuthorIds = { author } })).Counts[0];
}

public sealed class MessagesInProcessTests() : MessagesSuite(new Carrier.InProcess());

public sealed class MessagesWireForcedTests() : MessagesSuite(new Carrier.WireForced());

public sealed class MessagesOnServerTests(Postgres.PostgresTestServer server) : MessagesSuite(new Carrier.WireForcedOnServer(server, only: "messages"));

/// <summary>Among the long forms: protobuf is shown by the forced wire, the transport by its conformance suite.</summary>
public sealed class MessagesGrpcTests() : MessagesSuite(LongForm.Only(() => new Carrier.Grpc()));

public sealed class MessagesHttpJsonTests() : MessagesSuite(new Carrier.HttpJson());

public sealed class MessagesHttpProtobufTests() : MessagesSuite(new Carrier.HttpProtobuf());

public sealed class MessagesTcpTests() : MessagesSuite(new Carrier.Tcp());

public sealed class MessagesNatsTests(SecuredNatsTestServer server) : MessagesSuite(LongForm.Only(() => new Carrier.Nats(server)));

public sealed class MessagesRabbitMqTests(RabbitMqTestServer server) : MessagesSuite(LongForm.Only(() => new Carrier.RabbitMq(server)));
