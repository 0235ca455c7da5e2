using System.Security.Cryptography;
using Anywire.Identity;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using Twite.Contracts;
using Twite.Services.Bed;

namespace Twite.Services.Accounts;

public abstract partial class AccountsSuite
{
    [Theory, InlineData(""), InlineData("nonsense"), InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    public Task No_token_but_one_s_own_is_a_session(string token) => EndedAsync(token);

    [Fact]
    public async Task Logging_out_ends_a_session_at_once_and_no_other()
    {
        var ada = await SignUpAsync("ada");
        var other = await LogInAsync("ada");
        await Accounts.LogOutAsync(new LogOutRequest { Token = ada.Token });
        await EndedAsync(ada.Token);
        await VerifyAsync(other);
    }

    [Theory, InlineData(""), InlineData("nonsense"), InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    public async Task Logging_out_of_nothing_is_no_error(string token) => await Accounts.LogOutAsync(new LogOutRequest { Token = token });

    [Fact]
    public async Task A_session_ends_when_it_was_not_used_for_30_days()
    {
        var ada = await SignUpAsync("ada");
        _bed.Time.Advance(TimeSpan.FromDays(30));
        await EndedAsync(ada.Token);
    }

    [Fact]
    public async Task A_session_that_is_used_lives_on()
    {
        var ada = await SignUpAsync("ada");
        for (var i = 0; i < 4; i++)
        {
            _bed.Time.Advance(TimeSpan.FromDays(20));
            await VerifyAsync(ada.Token);
        }
    }

    [Fact]
    public async Task A_session_that_is_used_lives_on_for_other_processes_too()
    {
        var ada = await SignUpAsync("ada");
        _bed.Time.Advance(TimeSpan.FromDays(20));
        await VerifyAsync(ada.Token);
        await Module.Upkeep.RunOnceAsync(default);
        _bed.Time.Advance(TimeSpan.FromDays(20));
        await using var other = await _bed.StartBesideAsync(carrier());
        other.Time.Advance(TimeSpan.FromDays(40));
        await other.Accounts().VerifySessionAsync(new VerifySessionRequest { Token = ada.Token });
    }

    [Fact]
    public async Task Verifying_writes_nothing()
    {
        var ada = await SignUpAsync("ada");
        var before = await _bed.MarkOfAccountsAsync();
        for (var i = 0; i < 100; i++)
        {
            _bed.Time.Advance(TimeSpan.FromMilliseconds(100));
            await VerifyAsync(ada.Token);
        }
        Assert.Equal(before, await _bed.MarkOfAccountsAsync());
    }

    [Fact]
    public async Task The_time_of_last_use_is_kept_to_the_minute()
    {
        var ada = await SignUpAsync("ada");
        _bed.Time.Advance(TimeSpan.FromSeconds(150));
        var assertion = (await VerifyAsync(ada.Token)).Assertion;
        await Module.Upkeep.RunOnceAsync(default);
        var session = Assert.Single((await Accounts.ListSessionsAsync(new ListSessionsRequest(), UserIdentity.Headers(assertion))).Sessions);
        Assert.Equal(session.CreatedAt.ToDateTimeOffset() + TimeSpan.FromMinutes(2), session.LastUsedAt.ToDateTimeOffset());
    }

    [Fact]
    public async Task An_assertion_proves_who_it_is_for_a_minute()
    {
        var ada = await SignUpAsync("ada");
        var verified = await VerifyAsync(ada.Token);
        var keys = await Accounts.AssertionKeysAsync(new Empty());
        using var key = ECDsa.Create();
        key.ImportSubjectPublicKeyInfo(keys.Keys.Single().PublicKey.Span, out _);

        var result = await new JsonWebTokenHandler().ValidateTokenAsync(verified.Assertion, new TokenValidationParameters
        {
            IssuerSigningKey = new ECDsaSecurityKey(key) { KeyId = keys.Keys.Single().Id },
            ValidateIssuer = false, ValidateAudience = false, ValidateLifetime = false,
        });
        Assert.True(result.IsValid);
        Assert.Equal(ada.Id.ToString(), result.Claims["sub"]);
        Assert.Equal("ada", result.Claims["name"]);
        Assert.Equal(_bed.Time.GetUtcNow() + TimeSpan.FromSeconds(60), verified.AssertionExpiresAt.ToDateTimeOffset());
    }

    [Fact]
    public async Task An_assertion_is_signed_once_in_30_seconds()
    {
        var ada = await SignUpAsync("ada");
        var first = (await VerifyAsync(ada.Token)).Assertion;
        _bed.Time.Advance(TimeSpan.FromSeconds(29));
        Assert.Equal(first, (await VerifyAsync(ada.Token)).Assertion);
        _bed.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.NotEqual(first, (await VerifyAsync(ada.Token)).Assertion);
    }

    [Fact]
    public async Task The_same_keys_are_in_force_after_a_restart()
    {
        var ada = await SignUpAsync("ada");
        await using var other = await _bed.StartBesideAsync(carrier());
        await other.Accounts().UpdateProfileAsync(new UpdateProfileRequest { DisplayName = "Ada" }, ada.Headers);
    }

    [Fact]
    public async Task Sessions_are_listed_newest_first_with_their_labels()
    {
        var ada = await SignUpAsync("ada");
        await LogInAsync("ada");
        await Accounts.CreateTokenAsync(new CreateTokenRequest { Label = "a program" }, ada.Headers);
        await SignUpAsync("eve");
        var sessions = (await Accounts.ListSessionsAsync(new ListSessionsRequest(), ada.Headers)).Sessions;
        Assert.Equal([("a program", true), ("another", false), ("a test", false)], sessions.Select(s => (s.Label, s.ApiToken)));
    }

    [Fact]
    public async Task A_token_of_a_program_is_told_from_a_session()
    {
        var ada = await SignUpAsync("ada");
        var token = (await Accounts.CreateTokenAsync(new CreateTokenRequest { Label = "a program" }, ada.Headers)).Token;
        Assert.True((await VerifyAsync(token)).ApiToken);
        Assert.False((await VerifyAsync(ada.Token)).ApiToken);
    }

    [Fact]
    public async Task Ending_a_session_ends_it_at_once()
    {
        var ada = await SignUpAsync("ada");
        var other = await LogInAsync("ada");
        var id = (await VerifyAsync(other)).SessionId;
        await Accounts.EndSessionAsync(new EndSessionRequest { Id = id }, ada.Headers);
        await EndedAsync(other);
        await VerifyAsync(ada.Token);
    }

    [Fact]
    public async Task Nobody_ends_somebody_else_s_session()
    {
        var ada = await SignUpAsync("ada");
        var eve = await SignUpAsync("eve");
        await Accounts.EndSessionAsync(new EndSessionRequest { Id = ada.SessionId }, eve.Headers);
        await VerifyAsync(ada.Token);
    }

    [Fact]
    public async Task Too_many_sessions_end_the_one_not_used_for_longest()
    {
        await using var bed = await ServiceBed.StartAsync(carrier(), options => options with { MaxSessionsPerAccount = 2 });
        var ada = await Person.SignUpAsync(bed, "ada");
        async Task<string> LogIn()
        {
            bed.Time.Advance(TimeSpan.FromMinutes(1));
            return (await bed.Accounts().LogInAsync(new LogInRequest { Name = "ada", Password = Person.Password })).Token;
        }
        var second = await LogIn();
        var third = await LogIn();
        await Refusals.StatusAsync(StatusCode.Unauthenticated, async () =>
            await bed.Accounts().VerifySessionAsync(new VerifySessionRequest { Token = ada.Token }));
        await bed.Accounts().VerifySessionAsync(new VerifySessionRequest { Token = second });
        await bed.Accounts().VerifySessionAsync(new VerifySessionRequest { Token = third });
    }

    [Fact]
    public async Task What_another_process_ends_is_ended_here_within_two_seconds()
    {
        var ada = await SignUpAsync("ada");
        await using var beside = await _bed.StartBesideAsync(carrier());
        await beside.Accounts("admin").SetSuspendedAsync(new SetSuspendedRequest { Id = ada.Id, Suspended = true });
        _bed.Time.Advance(TimeSpan.FromSeconds(2));
        await EndedAsync(ada.Token);
    }

    [Fact]
    public async Task Expired_sessions_are_removed()
    {
        var ada = await SignUpAsync("ada");
        await Accounts.CreateTokenAsync(new CreateTokenRequest { Label = "kept" }, ada.Headers);
        _bed.Time.Advance(TimeSpan.FromDays(31));
        await Module.Upkeep.RunOnceAsync(default);
        Assert.Equal(["kept"], await _bed.AskAsync("accounts", "SELECT label FROM sessions"));
    }
}
