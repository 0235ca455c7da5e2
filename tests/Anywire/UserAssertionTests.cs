using System.Security.Cryptography;
using Anywire.Identity;
using Anywire.InProcess;
using Grpc.Core;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Anywire.Tests;

public sealed class UserAssertionTests : IDisposable
{
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UnixEpoch.AddYears(56));
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly List<AssertionPublicKey> _published = [];
    private readonly FakeLogger _log = new();
    private readonly UserAssertionVerifier _verifier;
    private int _fetched;

    public UserAssertionTests()
    {
        _published.Add(new AssertionPublicKey("k1", _key.ExportSubjectPublicKeyInfo()));
        _verifier = new UserAssertionVerifier(
            () =>
            {
                Interlocked.Increment(ref _fetched);
                return Task.FromResult<IReadOnlyList<AssertionPublicKey>>([.. _published]);
            },
            _log, _time);
    }

    public void Dispose() => _key.Dispose();

    [Fact]
    public async Task A_good_assertion_gives_the_person_and_keys_are_fetched_once()
    {
        for (var id = 1; id <= 5; id++)
        {
            var user = new UserIdentity(id, $"user {id}");
            Assert.Equal(user, await _verifier.RequireAsync(With(Sign(user))));
        }
        Assert.Equal(1, _fetched);
    }

    [Fact]
    public async Task A_call_for_nobody_finds_nobody_and_is_refused_where_somebody_is_needed()
    {
        Assert.Null(await _verifier.FindAsync(With(null)));
        await RefusesAsync(With(null));
    }

    [Fact]
    public async Task It_holds_for_its_lifetime_and_no_longer()
    {
        var assertion = Sign(new UserIdentity(1, "ada"));
        _time.Advance(UserAssertionSigner.Lifetime - TimeSpan.FromSeconds(1));
        Assert.Equal(1, (await _verifier.RequireAsync(With(assertion))).Id);
        _time.Advance(TimeSpan.FromSeconds(1));
        await RefusesAsync(assertion);
        Assert.Equal(UnauthenticatedOf(await Record.ExceptionAsync(async () => await _verifier.FindAsync(With(assertion)))), StatusCode.Unauthenticated);
    }

    [Fact]
    public async Task A_held_call_needs_one_that_was_good_when_it_was_accepted()
    {
        var (assertion, acceptedAt) = (Sign(new UserIdentity(1, "ada")), _time.GetUtcNow());
        _time.Advance(TimeSpan.FromDays(5));
        Assert.Equal(1, (await _verifier.RequireAsync(Held(assertion, acceptedAt))).Id);
        Assert.Equal(1, (await _verifier.RequireAsync(Held(assertion, acceptedAt + UserAssertionSigner.Lifetime - TimeSpan.FromSeconds(1)))).Id);
        await RefusesAsync(Held(assertion, acceptedAt + UserAssertionSigner.Lifetime));
        // What was believed of a held call is not believed of another.
        await RefusesAsync(Held(assertion, null));
        await RefusesAsync(assertion);
    }

    [Fact]
    public async Task What_was_good_for_a_call_at_once_is_judged_anew_for_a_held_one()
    {
        var assertion = Sign(new UserIdentity(1, "ada"));
        Assert.Equal(1, (await _verifier.RequireAsync(With(assertion))).Id);
        await RefusesAsync(Held(assertion, _time.GetUtcNow() + UserAssertionSigner.Lifetime));
        Assert.Equal(1, (await _verifier.RequireAsync(Held(assertion, _time.GetUtcNow()))).Id);
    }

    [Fact]
    public async Task A_call_is_held_for_a_week_and_no_longer()
    {
        var (assertion, acceptedAt) = (Sign(new UserIdentity(1, "ada")), _time.GetUtcNow());
        _time.Advance(UserAssertionVerifier.LongestHeld);
        Assert.Equal(1, (await _verifier.RequireAsync(Held(assertion, acceptedAt))).Id);
        _time.Advance(TimeSpan.FromSeconds(1));
        await RefusesAsync(Held(assertion, acceptedAt));
    }

    [Fact]
    public async Task A_clock_may_be_a_little_ahead()
    {
        var assertion = Sign(new UserIdentity(1, "ada"));
        Assert.Equal(1, (await _verifier.RequireAsync(Held(assertion, _time.GetUtcNow() + TimeSpan.FromSeconds(30)))).Id);
    }

    [Fact]
    public async Task What_was_accepted_in_the_future_is_refused()
    {
        var assertion = new UserAssertionSigner(_key, "k1", new FakeTimeProvider(_time.GetUtcNow().AddDays(1))).Sign(new UserIdentity(1, "ada"), out _);
        await RefusesAsync(Held(assertion, _time.GetUtcNow().AddDays(1)));
    }

    [Fact]
    public async Task The_log_says_whose_call_was_refused_and_why_and_its_caller_does_not_learn_it()
    {
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var (mallory, ada) = (Sign(new UserIdentity(2, "mallory")).Split('.'), Sign(new UserIdentity(1, "ada")).Split('.'));
        var expired = Sign(new UserIdentity(3, "late"));
        _time.Advance(UserAssertionSigner.Lifetime);
        (string? Assertion, string Reason)[] cases =
        [
            (null, "none came with the call"),
            ("x", "it cannot be read"),
            ($"{mallory[0]}.{ada[1]}.{mallory[2]}", "its signature is wrong"),
            (expired, "it has expired"),
            (new UserAssertionSigner(other, "k1", _time).Sign(new UserIdentity(1, "ada"), out _), "its signature is wrong"),
            (new UserAssertionSigner(other, "k2", _time).Sign(new UserIdentity(1, "ada"), out _), "it names a key that is not in force"),
        ];
        foreach (var (assertion, reason) in cases)
        {
            var error = await Assert.ThrowsAsync<RpcException>(async () => await _verifier.RequireAsync(With(assertion)));
            Assert.Equal($"/s/m was refused: tests acts for a person with an assertion, and {reason}", _log.LatestRecord.Message);
            Assert.DoesNotContain(reason, error.ToString(), StringComparison.Ordinal);
        }
        Assert.Equal(cases.Length, _log.Collector.Count);
    }

    [Fact]
    public async Task An_assertion_that_names_no_key_is_refused()
    {
        // {"alg":"ES256"} and {"sub":"1","name":"eve","exp":9999999999}
        await RefusesAsync("eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiIxIiwibmFtZSI6ImV2ZSIsImV4cCI6OTk5OTk5OTk5OX0.c2ln");
        Assert.Equal(0, _fetched);
    }

    [Fact]
    public async Task An_assertion_signed_with_a_shared_secret_is_refused()
    {
        // HS256 with the public key as the secret: the classic confusion.
        static string Encode(byte[] bytes) => Convert.ToBase64String(bytes).TrimEnd('=').Replace('+', '-').Replace('/', '_');
        var head = Encode("""{"alg":"HS256","kid":"k1"}"""u8.ToArray());
        var body = Encode("""{"sub":"1","name":"eve","exp":9999999999}"""u8.ToArray());
        var signature = HMACSHA256.HashData(_key.ExportSubjectPublicKeyInfo(), System.Text.Encoding.ASCII.GetBytes($"{head}.{body}"));
        await RefusesAsync($"{head}.{body}.{Encode(signature)}");
    }

    [Fact]
    public async Task An_assertion_that_somebody_else_signed_under_a_known_key_s_name_is_refused()
    {
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        await RefusesAsync(new UserAssertionSigner(other, "k1", _time).Sign(new UserIdentity(1, "ada"), out _));
        Assert.Equal(1, _fetched);
    }

    [Fact]
    public async Task An_assertion_whose_person_was_changed_is_refused_although_the_first_was_believed()
    {
        var (mallory, ada) = (Sign(new UserIdentity(2, "mallory")), Sign(new UserIdentity(1, "ada")));
        Assert.Equal(2, (await _verifier.RequireAsync(With(mallory))).Id);
        var (signed, wanted) = (mallory.Split('.'), ada.Split('.'));
        await RefusesAsync($"{signed[0]}.{wanted[1]}.{signed[2]}");
        await RefusesAsync($"{signed[0]}.{signed[1]}.{wanted[2]}");
        await RefusesAsync(mallory[..^2]);
    }

    [Theory, InlineData("x"), InlineData("a.b.c"), InlineData("....")]
    public async Task What_cannot_be_read_is_refused(string assertion) => await RefusesAsync(assertion);

    [Fact]
    public async Task Unknown_keys_are_asked_for_once_a_second()
    {
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        for (var i = 0; i < 10; i++)
        {
            await RefusesAsync(new UserAssertionSigner(other, $"unknown{i}", _time).Sign(new UserIdentity(1, "eve"), out _));
        }
        Assert.Equal(1, _fetched);
        _published.Add(new AssertionPublicKey("k2", other.ExportSubjectPublicKeyInfo()));
        _time.Advance(TimeSpan.FromSeconds(1));
        var assertion = new UserAssertionSigner(other, "k2", _time).Sign(new UserIdentity(2, "bob"), out _);
        Assert.Equal(2, (await _verifier.RequireAsync(With(assertion))).Id);
        Assert.Equal(2, _fetched);
    }

    [Fact]
    public async Task A_key_that_was_disposed_is_signed_with_again_by_who_reads_it_again()
    {
        for (var i = 0; i < 2; i++)
        {
            using var read = ECDsa.Create(_key.ExportParameters(includePrivateParameters: true));
            var assertion = new UserAssertionSigner(read, "k1", _time).Sign(new UserIdentity(1, "ada"), out _);
            Assert.Equal(1, (await _verifier.RequireAsync(With(assertion))).Id);
        }
    }

    [Fact]
    public async Task Keys_that_cannot_be_had_are_asked_for_once_a_second()
    {
        var asked = 0;
        var verifier = new UserAssertionVerifier(
            () =>
            {
                Interlocked.Increment(ref asked);
                throw new RpcException(new Status(StatusCode.ResourceExhausted, "Not now."));
            },
            _log, _time);
        var assertion = Sign(new UserIdentity(1, "ada"));
        for (var i = 0; i < 100; i++)
        {
            var error = await Assert.ThrowsAsync<RpcException>(async () => await verifier.RequireAsync(With(assertion)));
            Assert.Equal(StatusCode.ResourceExhausted, error.StatusCode);
        }
        Assert.Equal(1, asked);
        _time.Advance(TimeSpan.FromSeconds(1));
        await Assert.ThrowsAsync<RpcException>(async () => await verifier.RequireAsync(With(assertion)));
        Assert.Equal(2, asked);
    }

    [Fact]
    public async Task Who_leaves_while_keys_are_fetched_leaves_the_others_their_fetch()
    {
        var (asked, answer) = (0, new TaskCompletionSource<IReadOnlyList<AssertionPublicKey>>());
        var verifier = new UserAssertionVerifier(
            () =>
            {
                Interlocked.Increment(ref asked);
                return answer.Task;
            },
            _log, _time);
        using var leaving = new CancellationTokenSource();
        var first = verifier.RequireAsync(With(Sign(new UserIdentity(1, "ada")), leaving.Token)).AsTask();
        var second = verifier.RequireAsync(With(Sign(new UserIdentity(2, "bob")))).AsTask();
        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        answer.SetResult([.. _published]);
        Assert.Equal(2, (await second).Id);
        Assert.Equal(1, asked);
    }

    private string Sign(UserIdentity user) => new UserAssertionSigner(_key, "k1", _time).Sign(user, out _);

    private Task RefusesAsync(string? assertion) => RefusesAsync(With(assertion));

    private async Task RefusesAsync(ServerCallContext context) =>
        Assert.Equal(StatusCode.Unauthenticated, UnauthenticatedOf(await Record.ExceptionAsync(async () => await _verifier.RequireAsync(context))));

    private static StatusCode? UnauthenticatedOf(Exception? error) => (error as RpcException)?.StatusCode;

    private static HeldCallContext Held(string assertion, DateTimeOffset? acceptedAt) => new("/s/m", "tests", UserIdentity.Headers(assertion), acceptedAt);

    private static InProcessCallContext With(string? assertion, CancellationToken cancellationToken = default)
    {
        var method = new Method<string, string>(MethodType.Unary, "s", "m", Marshallers.StringMarshaller, Marshallers.StringMarshaller);
        var options = new CallOptions(assertion is null ? [] : UserIdentity.Headers(assertion), cancellationToken: cancellationToken);
        var client = new TransportClientOptions
        {
            Endpoints = [],
            Service = "s",
            Caller = "tests",
            Contracts = new ContractTable([]),
            Loggers = NullLoggerFactory.Instance,
            Time = TimeProvider.System,
        };
        return new InProcessCallContext(method, client, options);
    }
}
