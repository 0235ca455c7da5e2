using Anywire.Identity;
using Microsoft.IdentityModel.JsonWebTokens;
using Twite.Accounts;
using Twite.Contracts;
using Twite.Services.Bed;

namespace Twite.Services.Accounts;

/// <summary>What only the process itself can see of the hot call, and of its keys over the years.</summary>
public sealed class SessionVerifierTests : IAsyncLifetime
{
    private ServiceBed _bed = null!;

    public async ValueTask InitializeAsync() => _bed = await ServiceBed.StartAsync(new Carrier.InProcess());

    public ValueTask DisposeAsync() => _bed.DisposeAsync();

    [Fact]
    public async Task A_remembered_session_is_answered_at_once_with_the_same_reply()
    {
        var ada = await Person.SignUpAsync(_bed, "ada");
        var verifier = _bed.Module<AccountsModule>().Verifier;
        var first = verifier.Verify(ada.Token);
        Assert.True(first.IsCompletedSuccessfully);
        Assert.Same(first, verifier.Verify(ada.Token));
    }

    [Fact]
    public async Task A_remembered_session_costs_no_memory()
    {
        var ada = await Person.SignUpAsync(_bed, "ada");
        var verifier = _bed.Module<AccountsModule>().Verifier;
        await verifier.Verify(ada.Token);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1_000; i++)
        {
            _ = verifier.Verify(ada.Token);
        }
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 10_000);
    }

    [Fact]
    public async Task Sessions_verified_while_others_end_are_never_good_after_their_end()
    {
        for (var round = 0; round < 20; round++)
        {
            var person = await Person.SignUpAsync(_bed, $"person{round}");
            var verifier = _bed.Module<AccountsModule>().Verifier;
            using var stop = new CancellationTokenSource();
            var verifying = Task.Run(() =>
            {
                while (!stop.IsCancellationRequested)
                {
                    try
                    {
                        _ = verifier.Verify(person.Token);
                    }
                    catch (Grpc.Core.RpcException)
                    {
                        return;
                    }
                }
            });
            await _bed.Accounts().LogOutAsync(new LogOutRequest { Token = person.Token });
            Assert.Throws<Grpc.Core.RpcException>(() => { _ = verifier.Verify(person.Token); });
            await stop.CancelAsync();
            await verifying;
            Assert.Throws<Grpc.Core.RpcException>(() => { _ = verifier.Verify(person.Token); });
        }
    }

    [Theory, InlineData(89, 1), InlineData(91, 2)]
    public async Task A_key_that_is_too_old_is_replaced_at_a_start_and_still_known(int days, int keys)
    {
        var before = await _bed.Accounts().AssertionKeysAsync(new());
        _bed.Time.Advance(TimeSpan.FromDays(days));
        await using var module = await AccountsModule.OpenAsync(_bed.ContextOf("accounts"), _bed.AccountsOptions with { Alongside = true }, default);
        await using var again = await ServiceBed.StartAsync(new Carrier.InProcess(), options => options with { DataDirectory = _bed.Directory, Alongside = true });
        var after = await again.Accounts().AssertionKeysAsync(new());
        Assert.Equal(keys, after.Keys.Count);
        Assert.Equal(before.Keys[0], after.Keys[^1]);
    }

    [Fact]
    public async Task A_key_that_still_signs_is_known_to_whoever_starts_later_however_old_it_is()
    {
        var token = await TokenAsync();
        // Not started, so that nothing replaces its key: as one whose database was away at the wrong time.
        await using var running = await OpenBesideAsync();
        _bed.Time.Advance(TimeSpan.FromDays(121));
        await using var tool = await OpenBesideAsync();
        await using var restarted = await _bed.StartBesideAsync(new Carrier.InProcess());
        await restarted.Accounts().UpdateProfileAsync(
            new UpdateProfileRequest { DisplayName = "Ada" }, UserIdentity.Headers((await running.Verifier.Verify(token)).Assertion));
    }

    [Fact]
    public async Task Who_runs_for_long_takes_up_the_newest_key_whoever_made_it()
    {
        var token = await TokenAsync();
        await using var running = await OpenBesideAsync();
        await using var other = await OpenBesideAsync();
        var first = KeyOf(await running.Verifier.Verify(token));
        _bed.Time.Advance(TimeSpan.FromDays(91));
        await running.Upkeep.RunOnceAsync(CancellationToken.None);
        await other.Upkeep.RunOnceAsync(CancellationToken.None);
        var second = KeyOf(await running.Verifier.Verify(token));
        Assert.Equal(second, KeyOf(await other.Verifier.Verify(token)));
        Assert.Equal([second, first], (await _bed.Accounts().AssertionKeysAsync(new())).Keys.Select(k => k.Id));
    }

    [Fact]
    public async Task Who_signs_with_a_key_that_is_not_in_the_database_any_more_still_says_what_it_is()
    {
        var token = await TokenAsync();
        await using var running = await OpenBesideAsync();
        for (var months = 0; months < 2; months++)
        {
            _bed.Time.Advance(TimeSpan.FromDays(31));
            await using var tool = await OpenBesideAsync(TimeSpan.Zero);
        }
        var own = KeyOf(await running.Verifier.Verify(token));
        Assert.DoesNotContain(own, await _bed.AskAsync("accounts", "SELECT id FROM assertion_keys"));
        Assert.Equal(own, running.Keys.ReadPublic()[^1].Id);
    }

    // One that does not end after a month.
    private async Task<string> TokenAsync()
    {
        var ada = await Person.SignUpAsync(_bed, "ada");
        return (await _bed.Accounts().CreateTokenAsync(new CreateTokenRequest { Label = "a program" }, ada.Headers)).Token;
    }

    private Task<AccountsModule> OpenBesideAsync(TimeSpan? keyLifetime = null)
    {
        var options = _bed.AccountsOptions with { Alongside = true };
        return AccountsModule.OpenAsync(
            _bed.ContextOf("accounts"), options with { AssertionKeyLifetime = keyLifetime ?? options.AssertionKeyLifetime }, TestContext.Current.CancellationToken);
    }

    private static string KeyOf(VerifySessionReply reply) => new JsonWebToken(reply.Assertion).Kid;
}
