using Anywire;
using Grpc.Core;

namespace Twite.Services.Bed;

/// <summary>What a call was refused with.</summary>
internal static class Refusals
{
    public static async Task<RpcException> StatusAsync(StatusCode code, Func<Task> call)
    {
        var error = await Assert.ThrowsAsync<RpcException>(call);
        Assert.True(code == error.StatusCode, $"Expected {code}, got {error.Status}");
        Assert.False(string.IsNullOrWhiteSpace(error.Status.Detail), "An error says what happened.");
        return error;
    }

    /// <summary>INVALID_ARGUMENT, of one field, by one rule.</summary>
    public static async Task InvalidAsync(string field, string rule, Func<Task> call)
    {
        var error = await StatusAsync(StatusCode.InvalidArgument, call);
        Assert.Equal((field, rule), (error.Violation()?.Field, error.Violation()?.Reason));
    }

    public static void Invalid(string field, string rule, Action act)
    {
        var error = Assert.Throws<RpcException>(act);
        Assert.Equal(StatusCode.InvalidArgument, error.StatusCode);
        Assert.Equal((field, rule), (error.Violation()?.Field, error.Violation()?.Reason));
    }
}
