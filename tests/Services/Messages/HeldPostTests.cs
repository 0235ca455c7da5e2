using Anywire;
using Anywire.Identity;
using Anywire.InProcess;
using Anywire.Tests;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Twite.Contracts;
using Twite.Services.Bed;

namespace Twite.Services.Messages;

/// <summary>What was submitted while Messages was away, and comes later.</summary>
public sealed class HeldPostTests : IAsyncLifetime
{
    private readonly HoldingTransport _wire = new(new InProcessTransport(), nameof(MessagesService.MessagesServiceClient.Submit));
    private ServiceBed _bed = null!;
    private Poster _ann = null!;

    public async ValueTask InitializeAsync()
    {
        _bed = await ServiceBed.StartAsync(new Holding(_wire), messages: o => o);
        _wire.Time = _bed.Time;
        _ann = await Poster.SignUpAsync(_bed, "ann");
        await _ann.SubmitAsync("held", "key");
    }

    public ValueTask DisposeAsync() => _bed.DisposeAsync();

    [Fact]
    public async Task Is_posted_days_later_although_the_assertion_has_expired()
    {
        Assert.Empty(await TextsAsync());
        _bed.Time.Advance(TimeSpan.FromDays(5));
        await _wire.DeliverAsync();
        Assert.Equal(["held"], await TextsAsync());
        Assert.Equal(["key"], await _ann.FindPostedAsync("key"));
    }

    [Fact]
    public async Task Is_posted_once_when_it_comes_twice_and_was_posted_meanwhile()
    {
        await _ann.SubmitAsync("held", "key");
        var posted = await _ann.PostAsync("held", "key");
        _bed.Time.Advance(TimeSpan.FromHours(1));
        await _wire.DeliverAsync(times: 2);
        Assert.Equal([posted], (await _bed.Messages().ListPublicAsync(new ListPublicRequest())).Messages);
    }

    [Fact]
    public async Task Is_posted_once_although_it_was_posted_as_long_before_as_it_may_be_held()
    {
        await _wire.DeliverAsync();
        _bed.Time.Advance(TimeSpan.FromDays(2));
        // Post was done and its answer was lost; Messages was away until almost the last moment, and tidied up when it came back.
        await _ann.PostAsync("once", "later");
        await _ann.SubmitAsync("once", "later");
        _bed.Time.Advance(UserAssertionVerifier.LongestHeld);
        await _bed.RestartMessagesAsync();
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while ((await _ann.FindPostedAsync("key")).Count > 0)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(2), TimeProvider.System, patience.Token);
        }
        await _wire.DeliverAsync();
        Assert.Equal(["once", "held"], await TextsAsync());
    }

    [Fact]
    public async Task Is_refused_after_more_than_a_week()
    {
        _bed.Time.Advance(UserAssertionVerifier.LongestHeld + TimeSpan.FromSeconds(1));
        await Refusals.StatusAsync(StatusCode.Unauthenticated, () => _wire.DeliverAsync());
        Assert.Empty(await TextsAsync());
    }

    [Fact]
    public async Task Is_refused_when_the_assertion_had_expired_at_its_acceptance()
    {
        await _wire.DeliverAsync();
        var headers = await _ann.HeadersAsync();
        _bed.Time.Advance(UserAssertionSigner.Lifetime);
        await _bed.Messages().SubmitAsync(new SubmitRequest { Text = "late", IdempotencyKey = "late" }, headers);
        await Refusals.StatusAsync(StatusCode.Unauthenticated, () => _wire.DeliverAsync());
        Assert.Equal(["held"], await TextsAsync());
    }

    [Fact]
    public async Task Is_refused_when_somebody_changed_whom_it_is_from()
    {
        var eve = await Poster.SignUpAsync(_bed, "eve");
        var hers = (await eve.HeadersAsync()).GetValue(UserIdentity.MetadataKey)!.Split('.');
        _bed.Time.Advance(TimeSpan.FromHours(1));
        await Refusals.StatusAsync(StatusCode.Unauthenticated, () => _wire.DeliverAsync(change: headers =>
        {
            var signed = headers.GetValue(UserIdentity.MetadataKey)!.Split('.');
            return UserIdentity.Headers($"{signed[0]}.{hers[1]}.{signed[2]}");
        }));
        Assert.Empty(await TextsAsync());
    }

    [Theory, InlineData(AccountState.Suspended), InlineData(AccountState.Deleted)]
    public async Task Is_refused_when_its_author_may_not_post_any_more(AccountState state)
    {
        await _bed.Messages("accounts").OnAccountClosedAsync(new AccountClosed
        {
            Header = new EventHeader { Id = "accounts-test", OccurredAt = Timestamp.FromDateTimeOffset(_bed.Time.GetUtcNow()) },
            AccountId = _ann.Id,
            State = state,
        });
        await Refusals.StatusAsync(StatusCode.PermissionDenied, () => _wire.DeliverAsync());
        Assert.Empty(await _ann.FindPostedAsync("key"));
    }

    [Fact]
    public async Task Is_posted_although_the_signing_key_was_replaced_meanwhile()
    {
        _bed.Time.Advance(TimeSpan.FromDays(6));
        await using var later = await _bed.StartBesideAsync(new Carrier.InProcess(), o => o with { AssertionKeyLifetime = TimeSpan.Zero });
        Assert.Equal(2, (await _bed.Accounts().AssertionKeysAsync(new())).Keys.Count);
        await _wire.DeliverAsync();
        Assert.Equal(["held"], await TextsAsync());
    }

    private async Task<IEnumerable<string>> TextsAsync() =>
        (await _bed.Messages().ListPublicAsync(new ListPublicRequest())).Messages.Select(m => m.Text);

    private sealed class Holding(HoldingTransport wire) : Carrier
    {
        public override ITransport Transport => wire;

        public override Endpoint EndpointOf(string service) => Endpoint.Parse($"inproc:{service}");
    }
}
