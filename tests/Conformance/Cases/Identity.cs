using System.Security.Cryptography;
using Anywire.Identity;
using Grpc.Core;
using Microsoft.Extensions.Time.Testing;

namespace Anywire.Conformance;

public abstract partial class ConformanceSuite
{
    [Fact]
    public async Task The_handler_knows_which_service_calls()
    {
        var stage = await OpenAsync();
        stage.Handlers.Unary = (_, context) => Task.FromResult(new Item { Text = PeerIdentity.NameOf(context) ?? "" });
        foreach (var name in new[] { "alice", "bob", "alice" })
        {
            await using var client = stage.Connect(name);
            Assert.Equal(name, (await new Calls.CallsClient(client.Invoker).UnaryAsync(new Item()).ResponseAsync.Soon()).Text);
        }
    }

    [Fact]
    public async Task The_handler_of_a_stream_knows_which_service_calls()
    {
        Needs(CallKinds.ServerStreaming);
        var stage = await OpenAsync(new StageOptions { Caller = "alice" });
        stage.Handlers.ServerStream = (_, writer, context) => writer.WriteAsync(new Item { Text = PeerIdentity.NameOf(context) ?? "" });
        using var call = stage.Calls.ServerStream(new Item());
        Assert.Equal("alice", Assert.Single(await call.ResponseStream.ToListAsync()).Text);
    }

    [Theory, InlineData("friend"), InlineData("ally")]
    public async Task An_allowed_caller_may_call(string name)
    {
        var stage = await OpenAsync(new StageOptions { Caller = name });
        Assert.Equal(1, (await stage.Calls.RestrictedAsync(new Item { Number = 1 }).ResponseAsync.Soon()).Number);
    }

    [Fact]
    public async Task Any_other_caller_is_refused_and_its_call_not_executed()
    {
        var stage = await OpenAsync(new StageOptions { Caller = "stranger" });
        var ran = 0;
        stage.Handlers.Unary = (item, _) =>
        {
            Interlocked.Increment(ref ran);
            return Task.FromResult(item.Clone());
        };
        var error = await Wait.FailsAsync(StatusCode.PermissionDenied, () => stage.Calls.RestrictedAsync(new Item()).ResponseAsync);
        Assert.DoesNotContain("friend", error.ToString(), StringComparison.Ordinal);
        Assert.Contains("stranger", stage.Log.Text, StringComparison.Ordinal);
        await stage.Calls.UnaryAsync(new Item()).ResponseAsync.Soon();
        Assert.Equal(1, ran);
    }

    [Fact]
    public async Task Any_other_caller_of_a_stream_is_refused()
    {
        Needs(CallKinds.ServerStreaming);
        var stage = await OpenAsync(new StageOptions { Caller = "stranger" });
        var ran = 0;
        stage.Handlers.ServerStream = (_, _, _) =>
        {
            Interlocked.Increment(ref ran);
            return Task.CompletedTask;
        };
        using var call = stage.Calls.RestrictedStream(new Item());
        await Wait.FailsAsync(StatusCode.PermissionDenied, () => call.ResponseStream.MoveNext(default));
        Assert.Equal(0, ran);
    }

    [Fact]
    public async Task Metadata_makes_nobody_an_allowed_caller()
    {
        var provesNothing = Wire.Traits.NeedsCredentials && Wire.CredentialsOf("stranger") is null;
        SkipUnless(!provesNothing, $"a plain wire proves nothing; {Wire.Traits.PlainScheme}: is for measuring the price of security only");
        var stage = await OpenAsync(new StageOptions { Caller = "stranger" });
        var claim = new Metadata { { PeerIdentity.ClaimKey, "friend" } };
        await Wait.FailsAsync(StatusCode.PermissionDenied, () => stage.Calls.RestrictedAsync(new Item(), claim).ResponseAsync);
    }

    [Fact]
    public async Task The_person_a_call_acts_for_is_known_to_the_handler()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var (stage, time) = await ForPeopleAsync(key);
        var assertion = new UserAssertionSigner(key, "k1", time).Sign(new UserIdentity(42, "ada"), out var until);
        Assert.Equal(time.GetUtcNow() + UserAssertionSigner.Lifetime, until);
        for (var i = 0; i < 2; i++)
        {
            var reply = await stage.Calls.UnaryAsync(new Item(), UserIdentity.Headers(assertion)).ResponseAsync.Soon();
            Assert.Equal((42, "ada"), (reply.Number, reply.Text));
        }
    }

    [Fact]
    public async Task A_person_proved_too_long_ago_is_refused()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var (stage, time) = await ForPeopleAsync(key);
        var assertion = new UserAssertionSigner(key, "k1", time).Sign(new UserIdentity(42, "ada"), out _);
        await stage.Calls.UnaryAsync(new Item(), UserIdentity.Headers(assertion)).ResponseAsync.Soon();
        time.Advance(UserAssertionSigner.Lifetime);
        await RefusesAsync(stage, UserIdentity.Headers(assertion));
    }

    [Fact]
    public async Task A_person_proved_with_another_key_is_refused()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var (stage, time) = await ForPeopleAsync(key);
        await RefusesAsync(stage, UserIdentity.Headers(new UserAssertionSigner(other, "k1", time).Sign(new UserIdentity(42, "ada"), out _)));
        await RefusesAsync(stage, UserIdentity.Headers(new UserAssertionSigner(other, "k2", time).Sign(new UserIdentity(42, "ada"), out _)));
    }

    [Fact]
    public async Task A_person_proved_by_a_forged_or_broken_assertion_is_refused()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var (stage, time) = await ForPeopleAsync(key);
        var good = new UserAssertionSigner(key, "k1", time).Sign(new UserIdentity(42, "ada"), out _).Split('.');
        var evil = new UserAssertionSigner(key, "k1", time).Sign(new UserIdentity(43, "eve"), out _).Split('.');
        string[] forged =
        [
            $"{good[0]}.{evil[1]}.{good[2]}",
            $"{good[0]}.{good[1]}.",
            // {"alg":"none"} and no key named
            $"eyJhbGciOiJub25lIn0.{good[1]}.",
            "garbage",
            "a.b.c",
            "",
        ];
        foreach (var assertion in forged)
        {
            await RefusesAsync(stage, UserIdentity.Headers(assertion));
        }
    }

    [Fact]
    public async Task The_log_says_why_a_person_was_refused()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var (stage, time) = await ForPeopleAsync(key);
        await RefusesAsync(stage, UserIdentity.Headers(new UserAssertionSigner(other, "k1", time).Sign(new UserIdentity(42, "ada"), out _)));
        Assert.Contains("its signature is wrong", stage.Log.Text, StringComparison.Ordinal);
        var expired = UserIdentity.Headers(new UserAssertionSigner(key, "k1", time).Sign(new UserIdentity(42, "ada"), out _));
        time.Advance(UserAssertionSigner.Lifetime);
        await RefusesAsync(stage, expired);
        Assert.Contains("it has expired", stage.Log.Text, StringComparison.Ordinal);
        stage.Handlers.Unary = static (_, _) => throw RpcErrors.Failure(StatusCode.PermissionDenied, "NOT_THE_AUTHOR", "Only its author can delete a message.");
        await Wait.FailsAsync(StatusCode.PermissionDenied, () => stage.Calls.UnaryAsync(new Item()).ResponseAsync);
        Assert.Contains("was refused to tester: Only its author can delete a message.", stage.Log.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_call_for_nobody_is_refused_where_somebody_is_needed()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var (stage, _) = await ForPeopleAsync(key);
        await RefusesAsync(stage, []);
    }

    private static async Task RefusesAsync(Stage stage, Metadata headers)
    {
        var error = await Wait.FailsAsync(StatusCode.Unauthenticated, () => stage.Calls.UnaryAsync(new Item(), headers).ResponseAsync);
        Assert.Equal("USER_ASSERTION", error.Reason());
    }

    /// <summary>A handler that answers with the person whom the call acts for.</summary>
    private async Task<(Stage Stage, FakeTimeProvider Time)> ForPeopleAsync(ECDsa key)
    {
        var stage = await OpenAsync();
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        IReadOnlyList<AssertionPublicKey> keys = [new AssertionPublicKey("k1", key.ExportSubjectPublicKeyInfo())];
        var verifier = new UserAssertionVerifier(() => Task.FromResult(keys), stage.Log, time);
        stage.Handlers.Unary = async (_, context) =>
        {
            var user = await verifier.RequireAsync(context);
            return new Item { Number = (int)user.Id, Text = user.Name };
        };
        return (stage, time);
    }
}
