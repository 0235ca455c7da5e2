using Anywire;
using Google.Rpc;
using Grpc.Core;
using Twite.Contracts;
using Twite.Services.Bed;

namespace Twite.Services.Accounts;

public abstract partial class AccountsSuite
{
    [Theory, InlineData("ada"), InlineData("ADA")]
    public async Task Name_and_password_log_in(string name)
    {
        var ada = await SignUpAsync("Ada");
        Assert.Equal(ada.Id, (await VerifyAsync(await LogInAsync(name))).Account.Id);
    }

    [Fact]
    public async Task A_password_is_the_same_however_a_keyboard_composes_its_letters()
    {
        const string composed = "d\u00E9j\u00E0 vu na\u00EFf", decomposed = "de\u0301ja\u0300 vu nai\u0308f";
        var ada = await Accounts.SignUpAsync(new SignUpRequest { Name = "ada", Password = decomposed });
        Assert.Equal(ada.Account.Id, (await VerifyAsync(await LogInAsync("ada", composed))).Account.Id);
    }

    [Fact]
    public async Task An_unknown_name_and_a_wrong_password_cannot_be_told_apart()
    {
        await SignUpAsync("ada");
        var wrong = await Refusals.StatusAsync(StatusCode.Unauthenticated, () => LogInAsync("ada", "wrong horse battery"));
        var unknown = await Refusals.StatusAsync(StatusCode.Unauthenticated, () => LogInAsync("eve", "wrong horse battery"));
        var impossible = await Refusals.StatusAsync(StatusCode.Unauthenticated, () => LogInAsync("no such name!", "wrong horse battery"));
        Assert.Equal((wrong.Status.Detail, wrong.Reason()), (unknown.Status.Detail, unknown.Reason()));
        Assert.Equal((wrong.Status.Detail, wrong.Reason()), (impossible.Status.Detail, impossible.Reason()));
    }

    // Work is counted, not timed: clocks of a busy machine prove nothing.
    [Theory]
    [InlineData("ada", "wrong horse battery", 1)]
    [InlineData("eve", "wrong horse battery", 1)]
    [InlineData("imported", "wrong horse battery", 1)]
    [InlineData("no such name!", "wrong horse battery", 1)]
    [InlineData("ada", "", 0)]
    [InlineData("eve", "", 0)]
    public async Task A_failed_log_in_hashes_as_often_for_every_name(string name, string password, int hashes)
    {
        await SignUpAsync("ada");
        await Operator.ImportAccountsAsync(new ImportAccountsRequest { Accounts = { new ImportedAccount { Name = "imported" } } });
        var before = Module.Hasher.Computed;
        await Refusals.StatusAsync(StatusCode.Unauthenticated, () => LogInAsync(name, password));
        Assert.Equal(hashes, Module.Hasher.Computed - before);
    }

    [Fact]
    public async Task Guessing_from_one_address_ends_after_25_failures_in_five_minutes()
    {
        for (var i = 0; i < 25; i++)
        {
            await GuessAsync($"name{i}", address: "192.0.2.1", StatusCode.Unauthenticated);
        }
        var before = Module.Hasher.Computed;
        var refused = await GuessAsync("ada", address: "192.0.2.1", StatusCode.ResourceExhausted);
        Assert.Equal(before, Module.Hasher.Computed);
        Assert.InRange(refused.GetRpcStatus()!.GetDetail<RetryInfo>().RetryDelay.ToTimeSpan(), TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(5));
        await GuessAsync("ada", address: "192.0.2.2", StatusCode.Unauthenticated);
        _bed.Time.Advance(TimeSpan.FromMinutes(5));
        await GuessAsync("ada", address: "192.0.2.1", StatusCode.Unauthenticated);
    }

    [Theory, InlineData("ada"), InlineData("eve")] // one exists, one does not: being throttled must not tell which
    public async Task Guessing_one_account_s_password_ends_after_25_failures_in_an_hour(string name)
    {
        await SignUpAsync("ada");
        for (var i = 0; i < 25; i++)
        {
            await GuessAsync(name, address: $"192.0.2.{i}", StatusCode.Unauthenticated);
        }
        await GuessAsync(name, address: "192.0.2.99", StatusCode.ResourceExhausted);
        _bed.Time.Advance(TimeSpan.FromHours(1));
        await GuessAsync(name, address: "192.0.2.99", StatusCode.Unauthenticated);
    }

    [Fact]
    public async Task Strangers_who_guess_do_not_lock_the_owner_s_device_out()
    {
        var ada = await SignUpAsync("ada");
        for (var i = 0; i < 25; i++)
        {
            await GuessAsync("ada", address: $"192.0.2.{i}", StatusCode.Unauthenticated);
        }
        await Refusals.StatusAsync(StatusCode.ResourceExhausted, () => LogInAsync("ada"));
        var reply = await Accounts.LogInAsync(new LogInRequest { Name = "ada", Password = Person.Password, Device = ada.Device });
        Assert.Equal(ada.Id, reply.Account.Id);
    }

    [Fact]
    public async Task Strangers_who_guess_at_the_owner_s_address_do_not_lock_the_owner_s_device_out()
    {
        var ada = await SignUpAsync("ada");
        for (var i = 0; i < 25; i++)
        {
            await GuessAsync($"name{i}", address: "192.0.2.1", StatusCode.Unauthenticated);
        }
        await Refusals.StatusAsync(StatusCode.ResourceExhausted, async () =>
            await Accounts.LogInAsync(new LogInRequest { Name = "ada", Password = Person.Password, ClientAddress = "192.0.2.1" }));
        var reply = await Accounts.LogInAsync(new LogInRequest { Name = "ada", Password = Person.Password, Device = ada.Device, ClientAddress = "192.0.2.1" });
        Assert.Equal(ada.Id, reply.Account.Id);
    }

    [Fact]
    public async Task A_device_that_guesses_is_stopped_too()
    {
        var ada = await SignUpAsync("ada");
        async Task<RpcException> Guess(StatusCode expected) => await Refusals.StatusAsync(expected, async () =>
            await Accounts.LogInAsync(new LogInRequest { Name = "ada", Password = "wrong horse battery", Device = ada.Device }));
        for (var i = 0; i < 25; i++)
        {
            await Guess(StatusCode.Unauthenticated);
        }
        await Guess(StatusCode.ResourceExhausted);
    }

    [Fact]
    public async Task A_device_counts_for_its_own_account_only()
    {
        await SignUpAsync("ada");
        var eve = await SignUpAsync("eve");
        for (var i = 0; i < 25; i++)
        {
            await GuessAsync("ada", address: "", StatusCode.Unauthenticated);
        }
        await Refusals.StatusAsync(StatusCode.ResourceExhausted, async () =>
            await Accounts.LogInAsync(new LogInRequest { Name = "ada", Password = "wrong horse battery", Device = eve.Device }));
    }

    [Fact]
    public async Task Logging_in_does_not_count_as_a_failure()
    {
        await SignUpAsync("ada");
        for (var i = 0; i < 30; i++)
        {
            await Accounts.LogInAsync(new LogInRequest { Name = "ada", Password = Person.Password, ClientAddress = "192.0.2.1" });
        }
    }

    [Fact]
    public async Task Guesses_made_at_once_are_all_counted()
    {
        await SignUpAsync("ada");
        var codes = await Task.WhenAll(Enumerable.Range(0, 60).Select(async _ => (await Assert.ThrowsAsync<RpcException>(async () =>
            await Accounts.LogInAsync(new LogInRequest { Name = "ada", Password = "wrong horse battery", ClientAddress = "192.0.2.1" }))).StatusCode));
        Assert.Equal(25, codes.Count(code => code == StatusCode.Unauthenticated));
        Assert.Equal(35, codes.Count(code => code == StatusCode.ResourceExhausted));
    }

    [Fact]
    public async Task A_password_hashed_at_another_cost_is_hashed_anew()
    {
        await SignUpAsync("ada");
        await using var dearer = await _bed.StartBesideAsync(carrier(), options => options with
        {
            PasswordCost = new(MemoryKib: 16, Passes: 1),
        });
        async Task LogIn() => await dearer.Accounts().LogInAsync(new LogInRequest { Name = "ada", Password = Person.Password });
        var hasher = dearer.Module<Twite.Accounts.AccountsModule>().Hasher;
        await LogIn();
        Assert.Equal(2, hasher.Computed);
        await LogIn();
        Assert.Equal(3, hasher.Computed);
    }

    [Fact]
    public async Task A_log_in_with_the_old_password_does_not_outlive_its_change()
    {
        var ada = await SignUpAsync("ada");
        var computed = Module.Hasher.Computed;
        Task changing;
        Task<string> loggingIn;
        // The change is about to be written, and the log-in still finds the password right.
        await using (await _bed.HoldWritesAsync("accounts"))
        {
            var change = new ChangePasswordRequest { CurrentPassword = Person.Password, NewPassword = "another horse battery", KeepSessionId = ada.SessionId };
            changing = Accounts.ChangePasswordAsync(change, ada.Headers).ResponseAsync;
            await ServiceBed.UntilAsync(() => Module.Hasher.Computed == computed + 2);
            loggingIn = LogInAsync("ada");
            await ServiceBed.UntilAsync(() => Module.Hasher.Computed == computed + 3);
        }
        await changing;
        await Refusals.StatusAsync(StatusCode.Unauthenticated, async () => await VerifyAsync(await loggingIn));
        await VerifyAsync(await LogInAsync("ada", "another horse battery"));
    }

    [Fact]
    public async Task Of_two_changes_of_a_password_at_once_the_second_is_told_that_it_is_another_by_now()
    {
        var ada = await SignUpAsync("ada");
        var computed = Module.Hasher.Computed;
        var passwords = new[] { "another horse battery", "a better horse battery" };
        Task<RpcException?>[] changes;
        await using (await _bed.HoldWritesAsync("accounts"))
        {
            changes = [.. passwords.Select(ChangeTo)];
            await ServiceBed.UntilAsync(() => Module.Hasher.Computed == computed + 4);
        }
        var refusals = await Task.WhenAll(changes);
        Assert.Equal("WRONG_PASSWORD", Assert.Single(refusals, static refusal => refusal is not null)!.Reason());
        await VerifyAsync(await LogInAsync("ada", passwords[Array.IndexOf(refusals, null)]));

        async Task<RpcException?> ChangeTo(string next)
        {
            try
            {
                await ChangePasswordAsync(ada, Person.Password, next);
                return null;
            }
            catch (RpcException refused)
            {
                return refused;
            }
        }
    }

    [Fact]
    public async Task An_account_is_not_deleted_by_a_password_that_is_another_by_now()
    {
        var ada = await SignUpAsync("ada");
        var computed = Module.Hasher.Computed;
        Task changing;
        Task deleting;
        await using (await _bed.HoldWritesAsync("accounts"))
        {
            changing = ChangePasswordAsync(ada, Person.Password, "another horse battery");
            await ServiceBed.UntilAsync(() => Module.Hasher.Computed == computed + 2);
            deleting = Accounts.DeleteAccountAsync(new DeleteAccountRequest { Password = Person.Password }, ada.Headers).ResponseAsync;
            await ServiceBed.UntilAsync(() => Module.Hasher.Computed == computed + 3);
        }
        await changing;
        Assert.Equal("WRONG_PASSWORD", (await Refusals.StatusAsync(StatusCode.Unauthenticated, () => deleting)).Reason());
        await VerifyAsync(await LogInAsync("ada", "another horse battery"));
    }

    private Task<RpcException> GuessAsync(string name, string address, StatusCode expected) => Refusals.StatusAsync(expected, async () =>
        await Accounts.LogInAsync(new LogInRequest { Name = name, Password = "wrong horse battery", ClientAddress = address }));
}
