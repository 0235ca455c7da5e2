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
}
