using Anywire.Brokers;
using Grpc.Core;
using Twite.Accounts;
using Twite.Contracts;
using Twite.Services.Bed;

namespace Twite.Services.Accounts;

/// <summary>What Accounts does, whichever wire carries the calls.</summary>
public abstract partial class AccountsSuite(Func<Carrier> carrier) : IAsyncLifetime
{
    private ServiceBed _bed = null!;

    private AccountsService.AccountsServiceClient Accounts => _bed.Accounts();

    private AccountsService.AccountsServiceClient Operator => _bed.Accounts("admin");

    private AccountsModule Module => _bed.Module<AccountsModule>();

    public async ValueTask InitializeAsync() => _bed = await ServiceBed.StartAsync(carrier());

    public async ValueTask DisposeAsync()
    {
        await _bed.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    private Task<Person> SignUpAsync(string name) => Person.SignUpAsync(_bed, name);

    private async Task<string> LogInAsync(string name, string password = Person.Password) =>
        (await Accounts.LogInAsync(new LogInRequest { Name = name, Password = password, Label = "another" })).Token;

    private async Task<VerifySessionReply> VerifyAsync(string token) => await Accounts.VerifySessionAsync(new VerifySessionRequest { Token = token });

    private Task<RpcException> EndedAsync(string token) => Refusals.StatusAsync(StatusCode.Unauthenticated, () => VerifyAsync(token));
}

public sealed class AccountsInProcess() : AccountsSuite(() => new Carrier.InProcess());

public sealed class AccountsWireForced() : AccountsSuite(() => new Carrier.WireForced());

public sealed class AccountsOnServer(Postgres.PostgresTestServer server) : AccountsSuite(() => LongForm.Only(() => new Carrier.WireForcedOnServer(server)));

/// <summary>Among the long forms: protobuf is shown by the forced wire, the transport by its conformance suite.</summary>
public sealed class AccountsGrpc() : AccountsSuite(() => LongForm.Only(() => new Carrier.Grpc()));

public sealed class AccountsHttpJson() : AccountsSuite(() => new Carrier.HttpJson());

public sealed class AccountsHttpProtobuf() : AccountsSuite(() => new Carrier.HttpProtobuf());

public sealed class AccountsTcp() : AccountsSuite(() => LongForm.Only(() => new Carrier.Tcp()));

public sealed class AccountsNats(SecuredNatsTestServer server) : AccountsSuite(() => LongForm.Only(() => new Carrier.Nats(server)));

public sealed class AccountsRabbitMq(RabbitMqTestServer server) : AccountsSuite(() => LongForm.Only(() => new Carrier.RabbitMq(server)));
