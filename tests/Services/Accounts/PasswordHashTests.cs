using Grpc.Core;
using Twite.Accounts;
using Twite.Accounts.Passwords;
using Twite.Services.Bed;

namespace Twite.Services.Accounts;

public sealed class PasswordHashTests
{
    private static readonly AccountsOptions Cheap = new() { DataDirectory = "", PasswordCost = new PasswordCost(MemoryKib: 8, Passes: 1) };

    [Fact]
    public async Task Knows_its_password_and_no_other()
    {
        using var hasher = new PasswordHasher(Cheap);
        var hash = await hasher.HashAsync("correct horse", default);
        Assert.True(await hasher.VerifyAsync("correct horse", hash, default));
        Assert.False(await hasher.VerifyAsync("correct house", hash, default));
    }

    [Fact]
    public async Task Is_the_same_after_being_stored()
    {
        using var hasher = new PasswordHasher(Cheap);
        var stored = (await hasher.HashAsync("correct horse", default)).ToString();
        Assert.True(await hasher.VerifyAsync("correct horse", PasswordHash.Parse(stored), default));
    }

    [Fact]
    public async Task Is_salted()
    {
        using var hasher = new PasswordHasher(Cheap);
        Assert.NotEqual((await hasher.HashAsync("correct horse", default)).ToString(), (await hasher.HashAsync("correct horse", default)).ToString());
    }

    // Made with the reference implementation: argon2 (Debian, 20171227), echo -n password | argon2 somesaltsomesalt -id -t 2 -k 19456 -p 1 -l 32 -e
    [Fact]
    public async Task Is_what_everybody_else_calls_Argon2id()
    {
        using var hasher = new PasswordHasher(Cheap);
        var foreign = PasswordHash.Parse("$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$K13EBUiG7JV+9ZxztmHFTdb7J0WQsnj2V8bZaqyPptE");
        Assert.True(await hasher.VerifyAsync("password", foreign, default));
    }

    [Fact]
    public void Costs_by_default_what_was_decided()
    {
        var options = new AccountsOptions { DataDirectory = "" };
        Assert.Equal(new PasswordCost(19 * 1024, 2), options.PasswordCost);
    }

    [Theory, InlineData(""), InlineData("password"), InlineData("$argon2i$v=19$m=8,t=1,p=1$AAAA$AAAA"), InlineData("$argon2id$v=19$m=8,t=1,p=2$AAAA$AAAA")]
    public void Reads_nothing_else(string stored) => Assert.Throws<FormatException>(() => PasswordHash.Parse(stored));

    [Fact]
    public async Task Nobody_has_no_password()
    {
        using var hasher = new PasswordHasher(Cheap);
        Assert.False(await hasher.VerifyAsync("", null, default));
        Assert.Equal(1, hasher.Computed);
    }

    [Fact]
    public async Task Refuses_at_once_when_too_many_wait()
    {
        using var hasher = new PasswordHasher(new AccountsOptions
        {
            DataDirectory = "", MaxConcurrentHashes = 1, MaxWaitingHashes = 2, PasswordCost = new PasswordCost(64 * 1024, 3),
        });
        var taken = Enumerable.Range(0, 3).Select(_ => hasher.HashAsync("correct horse", default)).ToList();
        var refused = hasher.HashAsync("correct horse", default);
        Assert.True(refused.IsFaulted, "The fourth waits for nobody.");
        await Refusals.StatusAsync(StatusCode.ResourceExhausted, () => refused);
        await Task.WhenAll(taken);
        await hasher.HashAsync("correct horse", default);
    }

    [Fact]
    public async Task One_who_gives_up_makes_room()
    {
        using var hasher = new PasswordHasher(new AccountsOptions
        {
            DataDirectory = "", MaxConcurrentHashes = 1, MaxWaitingHashes = 1, PasswordCost = new PasswordCost(64 * 1024, 3),
        });
        using var cancellation = new CancellationTokenSource();
        var first = hasher.HashAsync("correct horse", default);
        var second = hasher.HashAsync("correct horse", cancellation.Token);
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second);
        await hasher.HashAsync("correct horse", default);
        await first;
    }
}
