using System.Diagnostics;
using System.Security.Cryptography;
using Anywire;
using Anywire.Identity;
using Anywire.InProcess;
using Grpc.Core;
using Grpc.Core.Interceptors;
using Microsoft.Extensions.Logging.Abstractions;
using Twite.Contracts;

namespace Twite.Bench.InProcess;

/// <summary>What a call through the in-process transport costs over calling the service's method directly: plain, and with everything a call
/// of the network has (identity checked, a trace that is not sampled, a server interceptor).</summary>
internal static class InProcessBenchmark
{
    private const int Calls = 1_000_000;
    private const int Rounds = 11;

    public static async Task RunAsync()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var signer = new UserAssertionSigner(key, "bench", TimeProvider.System);
        var users = new UserAssertionVerifier(
            () => Task.FromResult<IReadOnlyList<AssertionPublicKey>>([new AssertionPublicKey("bench", key.ExportSubjectPublicKeyInfo())]),
            NullLogger.Instance, TimeProvider.System);
        var service = new Service(users);
        var transport = new InProcessTransport();
        await using var plain = await ConnectAsync(transport, "plain", service, []);
        await using var whole = await ConnectAsync(transport, "whole", service, [new PassThrough()]);
        var request = new VerifySessionRequest { Token = "0123456789abcdef0123456789abcdef0123456789a" };
        var lookUp = new GetAccountRequest { Id = 1 };
        var headers = UserIdentity.Headers(signer.Sign(new UserIdentity(1, "bench"), out _));

        // The signature is checked once; what is measured finds it checked, as all but the first call in half a minute do.
        await whole.Client.GetAccountAsync(lookUp, headers);
        var rounds = new List<(Cost Direct, Cost Plain, Cost Whole)>();
        for (var round = 0; round <= Rounds; round++)
        {
            var direct = Measure(() => service.VerifySession(request, null!));
            var called = Measure(() => plain.Client.VerifySessionAsync(request).ResponseAsync);
            var everything = MeasureTraced(() => whole.Client.GetAccountAsync(lookUp, headers).ResponseAsync);
            if (round > 0)
            {
                rounds.Add((direct, called, everything));
            }
        }
        Print("a plain call, over the method", rounds, r => r.Plain, 400, 256);
        Print("with identity, trace and interceptor", rounds, r => r.Whole, 1_500, null);
    }

    private static void Print(
        string what, List<(Cost Direct, Cost Plain, Cost Whole)> rounds, Func<(Cost Direct, Cost Plain, Cost Whole), Cost> figure, double mostNanoseconds, double? mostBytes)
    {
        var nanoseconds = Paired.Median(rounds.Select(r => figure(r).Nanoseconds - r.Direct.Nanoseconds));
        var bytes = Paired.Median(rounds.Select(r => figure(r).Bytes - r.Direct.Bytes));
        var holds = nanoseconds <= mostNanoseconds && (mostBytes is null || bytes <= mostBytes);
        Console.WriteLine(
            $"  {what,-44} {nanoseconds,9:N0} ns   {bytes,6:N0} B   at most {mostNanoseconds:N0} ns{(mostBytes is null ? "" : $", {mostBytes:N0} B")} {(holds ? "✓" : "✗")}");
    }

    private static Cost MeasureTraced(Func<Task> call)
    {
        // Somebody listens, and wants none of these: disposed after each round, since a listener is the whole process's.
        using var unsampled = new ActivityListener
        {
            ShouldListenTo = _ => true,
            Sample = (ref _) => ActivitySamplingResult.None,
        };
        ActivitySource.AddActivityListener(unsampled);
        return Measure(call);
    }

    private static Cost Measure(Func<Task> call)
    {
        var cpu = Environment.CpuUsage.TotalTime;
        var allocated = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < Calls; i++)
        {
            var task = call();
            if (!task.IsCompletedSuccessfully)
            {
                throw new InvalidOperationException("A call failed, or waited.", task.Exception);
            }
        }
        return new Cost(
            (Environment.CpuUsage.TotalTime - cpu).TotalNanoseconds / Calls, (GC.GetAllocatedBytesForCurrentThread() - allocated) / (double)Calls);
    }

    private static async Task<Connection> ConnectAsync(InProcessTransport transport, string name, Service service, IReadOnlyList<Interceptor> interceptors)
    {
        var contracts = new ContractTable([AccountsService.Descriptor]);
        var server = new AnywireServer(new AnywireServerOptions
        {
            Transports = new Transports(transport),
            Services = [new ServiceRegistration(AccountsService.Descriptor, binder => AccountsService.BindService(binder, service))],
            Contracts = contracts,
            Interceptors = interceptors,
            Loggers = NullLoggerFactory.Instance,
        });
        var endpoint = await server.ListenAsync(Endpoint.Parse("inproc:" + name), CancellationToken.None);
        var client = new AnywireClient(transport, new TransportClientOptions
        {
            Endpoints = [endpoint],
            Service = "accounts",
            Caller = "web",
            Contracts = contracts,
            Loggers = NullLoggerFactory.Instance,
            Time = TimeProvider.System,
        });
        return new Connection(server, client, new AccountsService.AccountsServiceClient(client.Invoker));
    }

    private readonly record struct Cost(double Nanoseconds, double Bytes);

    private sealed record Connection(AnywireServer Server, AnywireClient Wire, AccountsService.AccountsServiceClient Client) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            await Wire.DisposeAsync();
            await Server.DisposeAsync();
        }
    }

    /// <summary>Answers at once, as the real service does when it remembers the session.</summary>
    private sealed class Service(UserAssertionVerifier users) : AccountsService.AccountsServiceBase
    {
        private readonly Task<VerifySessionReply> _session = Task.FromResult(new VerifySessionReply { Account = new Account { Id = 1, Name = "bench" } });
        private readonly Task<Account> _account = Task.FromResult(new Account { Id = 1, Name = "bench" });

        public override Task<VerifySessionReply> VerifySession(VerifySessionRequest request, ServerCallContext context) => _session;

        public override Task<Account> GetAccount(GetAccountRequest request, ServerCallContext context)
        {
            var user = users.RequireAsync(context);
            return user.IsCompletedSuccessfully ? _account : AfterAsync(user);
        }

        private async Task<Account> AfterAsync(ValueTask<UserIdentity> user)
        {
            await user;
            return await _account;
        }
    }

    private sealed class PassThrough : Interceptor
    {
        public override Task<TResponse> UnaryServerHandler<TRequest, TResponse>(
            TRequest request, ServerCallContext context, UnaryServerMethod<TRequest, TResponse> continuation) => continuation(request, context);
    }
}
