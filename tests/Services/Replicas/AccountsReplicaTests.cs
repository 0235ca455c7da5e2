using Grpc.Core;
using Npgsql;
using Twite.Accounts;
using Twite.Contracts;
using Twite.Postgres;
using Twite.Services.Bed;
using Twite.Storage;

namespace Twite.Services.Replicas;

/// <summary>Accounts, twice on one database: what one did counts at the other in the next call.</summary>
public sealed class AccountsReplicaTests(PostgresTestServer server) : IAsyncLifetime
{
    private ServiceBed _one = null!;
    private ServiceBed _two = null!;

    public async ValueTask InitializeAsync()
    {
        _one = await ServiceBed.StartAsync(new Carrier.WireForcedOnServer(server));
        _two = await _one.StartReplicaAsync(new Carrier.WireForcedOnServer(server));
    }

    public async ValueTask DisposeAsync()
    {
        await _two.DisposeAsync();
        await _one.DisposeAsync();
    }

    [Fact]
    public async Task Who_logs_out_at_one_is_out_at_the_other_at_once()
    {
        for (var round = 0; round < 10; round++)
        {
            var ada = await Person.SignUpAsync(_one, $"ada{round}");
            // Remembered at both.
            await VerifyAsync(_one, ada);
            await VerifyAsync(_two, ada);
            await _one.Accounts().LogOutAsync(new LogOutRequest { Token = ada.Token });
            await Refusals.StatusAsync(StatusCode.Unauthenticated, () => VerifyAsync(_two, ada));
            await Refusals.StatusAsync(StatusCode.Unauthenticated, () => VerifyAsync(_one, ada));
        }
    }

    [Fact]
    public async Task Who_is_suspended_at_one_is_refused_at_the_other_at_once_until_it_is_lifted()
    {
        var ada = await Person.SignUpAsync(_one, "ada");
        await VerifyAsync(_two, ada);
        await _one.Accounts("admin").SetSuspendedAsync(new SetSuspendedRequest { Id = ada.Id, Suspended = true });
        await Refusals.StatusAsync(StatusCode.Unauthenticated, () => VerifyAsync(_two, ada));
        await _two.Accounts("admin").SetSuspendedAsync(new SetSuspendedRequest { Id = ada.Id, Suspended = false });
        await VerifyAsync(_one, ada);
    }

    [Fact]
    public async Task Many_who_verify_while_sessions_end_elsewhere_never_find_one_good_after_its_end()
    {
        var people = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => Person.SignUpAsync(_one, $"person{i}")));
        await Task.WhenAll(people.Select(async person =>
        {
            await VerifyAsync(_two, person);
            await _one.Accounts().LogOutAsync(new LogOutRequest { Token = person.Token });
            await Refusals.StatusAsync(StatusCode.Unauthenticated, () => VerifyAsync(_two, person));
        }));
    }

    [Fact]
    public async Task Both_sign_with_one_key_and_a_key_that_a_later_one_made_is_known_to_the_earlier()
    {
        var ada = await Person.SignUpAsync(_one, "ada");
        await _two.Accounts().UpdateProfileAsync(new UpdateProfileRequest { DisplayName = "by the first's word" }, ada.Headers);
        Assert.Single((await _two.Accounts().AssertionKeysAsync(new())).Keys);

        _one.Time.Advance(TimeSpan.FromDays(91));
        await using var later = await _one.StartReplicaAsync(new Carrier.WireForcedOnServer(server));
        var token = (await _one.Accounts().LogInAsync(new LogInRequest { Name = "ada", Password = Person.Password })).Token;
        var assertion = (await later.Accounts().VerifySessionAsync(new VerifySessionRequest { Token = token })).Assertion;
        await _one.Accounts().UpdateProfileAsync(
            new UpdateProfileRequest { DisplayName = "by the later's word" }, Anywire.Identity.UserIdentity.Headers(assertion));
        Assert.Equal(2, (await _one.Accounts().AssertionKeysAsync(new())).Keys.Count);
    }

    [Fact]
    public async Task Calls_that_come_together_while_the_database_does_not_answer_are_refused_together()
    {
        LongForm.Require();
        await using var relay = new PostgresRelay((await server.ClusterAsync()).Port);
        var carrier = new Carrier.WireForcedOnServer(server);
        var database = new NpgsqlConnectionStringBuilder(await carrier.CreateDatabaseAsync())
        {
            Port = relay.Port, Timeout = 5, CommandTimeout = 5, CancellationTimeout = -1,
        };
        await using var bed = await ServiceBed.StartAsync(carrier, database: database.ConnectionString);
        var ada = await Person.SignUpAsync(bed, "ada");
        var verifier = bed.Module<AccountsModule>().Verifier;
        await verifier.Verify(ada.Token);
        relay.Hold();
        var before = relay.Accepted;
        const int Callers = 16;
        using var together = new Barrier(Callers);
        var refused = 0;
        var callers = Enumerable.Range(0, Callers).Select(_ => new Thread(() =>
        {
            together.SignalAndWait();
            Assert.Throws<StorageException>(() => verifier.Verify(ada.Token).IsCompletedSuccessfully);
            Interlocked.Increment(ref refused);
        })).ToList();
        callers.ForEach(c => c.Start());
        await Task.WhenAll(callers.Select(c => Task.Run(c.Join)));
        Assert.Equal(Callers, refused);
        // One look, or two, and a look takes a few connections; one after another they would be at least one for each caller.
        Assert.InRange(relay.Accepted - before, 1, Callers - 1);
    }

    [Fact]
    public async Task A_search_for_what_the_server_cannot_hold_finds_nobody()
    {
        var ada = await Person.SignUpAsync(_one, "ada");
        Assert.Empty((await _one.Accounts().SearchAccountsAsync(new SearchAccountsRequest { Query = "ad\0a" }, ada.Headers)).Accounts);
    }

    [Fact]
    public async Task A_name_is_given_out_once_however_many_ask_wherever()
    {
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 8).Select(async i =>
        {
            try
            {
                await Person.SignUpAsync(i % 2 == 0 ? _one : _two, "ada");
                return StatusCode.OK;
            }
            catch (RpcException error)
            {
                return error.StatusCode;
            }
        }));
        Assert.Single(outcomes, StatusCode.OK);
        Assert.Equal(7, outcomes.Count(o => o == StatusCode.AlreadyExists));
    }

    private static async Task<VerifySessionReply> VerifyAsync(ServiceBed bed, Person person) =>
        await bed.Accounts().VerifySessionAsync(new VerifySessionRequest { Token = person.Token });
}
