using Grpc.Core;
using Twite.Contracts;
using Twite.Services.Bed;

namespace Twite.Services.Messages;

public abstract partial class MessagesSuite
{
    [Fact]
    public async Task What_is_submitted_is_posted_once_however_often_it_comes()
    {
        var ann = await Poster.SignUpAsync(_bed, "Ann");
        await ann.SubmitAsync("  Cafe\u0301 at nine? ", "key");
        await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => ann.SubmitAsync("once more", "key")));
        var posted = Assert.Single((await ByAuthorsAsync([ann.Id])).Messages);
        Assert.Equal(("Café at nine?", "Ann"), (posted.Text, posted.AuthorName));
        await ServiceBed.UntilAsync(() => _bed.Events.Notifications.Told.OfType<MessagePosted>().Any());
        Assert.Equal(posted, Assert.Single(_bed.Events.Notifications.Told.OfType<MessagePosted>()).Message);
    }

    [Fact]
    public async Task Posted_and_submitted_under_one_key_is_one_message()
    {
        var ann = await Poster.SignUpAsync(_bed, "ann");
        var posted = await ann.PostAsync("posted first", "one");
        await ann.SubmitAsync("posted first", "one");
        await ann.SubmitAsync("submitted first", "two");
        var submitted = await ann.PostAsync("submitted first", "two");
        Assert.Equal([submitted, posted], (await ByAuthorsAsync([ann.Id])).Messages);
    }

    [Fact]
    public async Task What_was_deleted_does_not_come_back_when_it_is_submitted_again()
    {
        var ann = await Poster.SignUpAsync(_bed, "ann");
        var posted = await ann.PostAsync("gone", "key");
        await ann.DeleteAsync(posted.Id);
        await ann.SubmitAsync("gone", "key");
        Assert.Empty((await ByAuthorsAsync([ann.Id])).Messages);
    }

    [Fact]
    public async Task Submitting_is_for_people_through_the_front_end_and_by_the_rules()
    {
        var ann = await Poster.SignUpAsync(_bed, "ann");
        var headers = await ann.HeadersAsync();
        var request = new SubmitRequest { Text = "x", IdempotencyKey = "k" };
        await Refusals.StatusAsync(StatusCode.Unauthenticated, async () => await _bed.Messages().SubmitAsync(request));
        await Refusals.StatusAsync(StatusCode.PermissionDenied, async () => await _bed.Messages("notifications").SubmitAsync(request, headers));
        await Refusals.InvalidAsync("text", "TOO_LONG", () => ann.SubmitAsync(new string('x', 142), "k"));
        await Refusals.InvalidAsync("idempotency_key", "NOT_A_KEY", () => ann.SubmitAsync("x", ""));
        Assert.Empty((await ByAuthorsAsync([ann.Id])).Messages);
    }

    [Fact]
    public async Task Who_submitted_learns_what_became_of_it_and_nobody_else_does()
    {
        var ann = await Poster.SignUpAsync(_bed, "ann");
        var bob = await Poster.SignUpAsync(_bed, "bob");
        await ann.SubmitAsync("one", "one");
        var two = await ann.PostAsync("two", "two");
        await ann.DeleteAsync(two.Id);
        Assert.Equal(["one", "two"], (await ann.FindPostedAsync("three", "one", "two", "one")).Order());
        Assert.Empty(await ann.FindPostedAsync());
        Assert.Empty(await bob.FindPostedAsync("one", "two"));
        await Refusals.InvalidAsync("idempotency_keys", "TOO_MANY", () => ann.FindPostedAsync([.. Enumerable.Range(0, 21).Select(i => $"{i}")]));
        await Refusals.StatusAsync(StatusCode.Unauthenticated, async () => await _bed.Messages().FindPostedAsync(new FindPostedRequest()));
    }
}
