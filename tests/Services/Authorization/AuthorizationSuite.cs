using Grpc.Core;
using Twite.Contracts;
using Twite.Services.Bed;

namespace Twite.Services.Authorization;

/// <summary>Who may call what: every method of Accounts and Follows by everybody.</summary>
public abstract class AuthorizationSuite<TCarrier>(MatrixBed<TCarrier> matrix) : IClassFixture<MatrixBed<TCarrier>>
    where TCarrier : Carrier, new()
{
    [Theory, MemberData(nameof(AuthorizationMatrix.Methods), MemberType = typeof(AuthorizationMatrix))]
    public async Task Lets_through_whom_it_should_and_nobody_else(string method)
    {
        var row = AuthorizationMatrix.Rows.Single(r => r.Method.FullName == method);
        var wrong = new List<string>();
        foreach (var caller in Enum.GetValues<Caller>())
        {
            var owner = await matrix.SignUpAsync();
            var headers = await matrix.HeadersAsync(caller, owner);
            var expected = row.StatusFor(caller);
            var answered = await StatusOfAsync(() => row.Call(matrix.Bed, Callers.NameOf(caller), owner, headers));
            if (answered != expected)
            {
                wrong.Add($"{caller}: expected {expected}, got {answered}");
            }
        }
        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    [Fact]
    public void Every_method_is_in_the_matrix() => Assert.Equal(
        AccountsService.Descriptor.Methods.Concat(FollowsService.Descriptor.Methods).Select(m => m.FullName).Order(),
        AuthorizationMatrix.Rows.Select(row => row.Method.FullName).Order());

    [Fact]
    public async Task An_end_of_another_s_session_ends_nothing()
    {
        var (owner, other) = (await matrix.SignUpAsync(), await matrix.SignUpAsync());
        await matrix.Bed.Accounts().EndSessionAsync(new EndSessionRequest { Id = owner.SessionId }, other.Headers);
        await matrix.Bed.Accounts().VerifySessionAsync(new VerifySessionRequest { Token = owner.Token });
    }

    private static async Task<StatusCode> StatusOfAsync(Func<Task> call)
    {
        try
        {
            await call();
            return StatusCode.OK;
        }
        catch (RpcException error)
        {
            return error.StatusCode;
        }
    }
}

public sealed class AuthorizationInProcess(MatrixBed<Carrier.InProcess> matrix) : AuthorizationSuite<Carrier.InProcess>(matrix);

public sealed class AuthorizationWireForced(MatrixBed<Carrier.WireForced> matrix) : AuthorizationSuite<Carrier.WireForced>(matrix);

public sealed class AuthorizationGrpc(MatrixBed<Carrier.Grpc> matrix) : AuthorizationSuite<Carrier.Grpc>(matrix);

public sealed class AuthorizationHttpJson(MatrixBed<Carrier.HttpJson> matrix) : AuthorizationSuite<Carrier.HttpJson>(matrix);

public sealed class AuthorizationTcp(MatrixBed<Carrier.Tcp> matrix) : AuthorizationSuite<Carrier.Tcp>(matrix);
