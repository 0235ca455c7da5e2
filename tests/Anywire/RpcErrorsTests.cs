using Google.Rpc;
using Grpc.Core;

namespace Anywire.Tests;

public sealed class RpcErrorsTests
{
    [Fact]
    public void An_invalid_argument_names_field_and_rule()
    {
        var error = RpcErrors.InvalidArgument("text", "TOO_LONG", "At most 141 characters.");
        Assert.Equal((StatusCode.InvalidArgument, "At most 141 characters."), (error.StatusCode, error.Status.Detail));
        Assert.Equal(("text", "TOO_LONG", "At most 141 characters."), (error.Violation()!.Field, error.Violation()!.Reason, error.Violation()!.Description));
        Assert.Null(error.Reason());
    }

    [Fact]
    public void A_failure_has_a_reason_for_programs()
    {
        var error = RpcErrors.Failure(StatusCode.FailedPrecondition, "SUSPENDED", "The account is suspended.");
        Assert.Equal((StatusCode.FailedPrecondition, "SUSPENDED"), (error.StatusCode, error.Reason()));
        Assert.Null(error.Violation());
    }

    [Fact]
    public void What_is_not_found_says_so()
    {
        var error = RpcErrors.NotFound("There is no message 7.");
        Assert.Equal((StatusCode.NotFound, "NOT_FOUND", "There is no message 7."), (error.StatusCode, error.Reason(), error.Status.Detail));
    }

    [Fact]
    public void Too_many_says_when_to_come_back()
    {
        var error = RpcErrors.TooMany("Wait a little.", TimeSpan.FromSeconds(90));
        Assert.Equal(StatusCode.ResourceExhausted, error.StatusCode);
        Assert.Equal(90, error.GetRpcStatus()?.GetDetail<RetryInfo>()?.RetryDelay.Seconds);
    }

    [Fact]
    public void An_error_without_details_has_none()
    {
        var error = new RpcException(new Grpc.Core.Status(StatusCode.Internal, ""));
        Assert.Null(error.Violation());
        Assert.Null(error.Reason());
    }

    [Fact]
    public void What_was_not_executed_is_marked()
    {
        var error = NotExecuted.Because("draining", "Later.", new IOException("inside"));
        Assert.Equal(StatusCode.Unavailable, error.StatusCode);
        Assert.True(NotExecuted.IsMarked(error));
        Assert.False(NotExecuted.IsMarked(new RpcException(new Grpc.Core.Status(StatusCode.Unavailable, "Later."))));
    }
}
