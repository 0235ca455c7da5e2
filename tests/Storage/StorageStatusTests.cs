using Grpc.Core;

namespace Twite.Storage;

public sealed class StorageStatusTests
{
    [Theory]
    [InlineData(StorageFailure.Busy, StatusCode.ResourceExhausted)]
    [InlineData(StorageFailure.Closed, StatusCode.Unavailable)]
    [InlineData(StorageFailure.DiskFull, StatusCode.Unavailable)]
    [InlineData(StorageFailure.InputOutput, StatusCode.Unavailable)]
    [InlineData(StorageFailure.Corrupt, StatusCode.DataLoss)]
    [InlineData(StorageFailure.Migration, StatusCode.Internal)]
    public async Task A_failure_reaches_the_caller_as_a_status_without_the_path(StorageFailure failure, StatusCode expected)
    {
        var interceptor = new StorageInterceptor();
        var error = await Assert.ThrowsAsync<RpcException>(() => interceptor.UnaryServerHandler<string, string>(
            "", null!, async (_, _) =>
            {
                await Task.Yield();
                throw new StorageException(failure, "/secret/path is broken");
            }));
        Assert.Equal(expected, error.StatusCode);
        Assert.DoesNotContain("/secret", error.Status.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_handler_that_throws_before_it_waits_is_translated_too()
    {
        var error = await Assert.ThrowsAsync<RpcException>(() => new StorageInterceptor().UnaryServerHandler<string, string>(
            "", null!, (_, _) => throw new StorageException(StorageFailure.Busy, "too many wait")));
        Assert.Equal(StatusCode.ResourceExhausted, error.StatusCode);
    }

    [Theory]
    [InlineData(StatusCode.Unavailable, HandOverResult.Away)]
    [InlineData(StatusCode.DeadlineExceeded, HandOverResult.Away)]
    [InlineData(StatusCode.ResourceExhausted, HandOverResult.Away)]
    [InlineData(StatusCode.InvalidArgument, HandOverResult.Refused)]
    [InlineData(StatusCode.NotFound, HandOverResult.Refused)]
    [InlineData(StatusCode.Unimplemented, HandOverResult.Failed)]
    [InlineData(StatusCode.PermissionDenied, HandOverResult.Failed)]
    [InlineData(StatusCode.Internal, HandOverResult.Failed)]
    [InlineData(StatusCode.Unknown, HandOverResult.Failed)]
    [InlineData(StatusCode.Unauthenticated, HandOverResult.Failed)]
    public void A_status_says_what_becomes_of_an_event(StatusCode code, HandOverResult expected) =>
        Assert.Equal(expected, new RpcException(new Status(code, "x")).ToHandOver().Result);

    [Theory]
    [InlineData("The service is stopping.", "Unavailable: The service is stopping")]
    [InlineData("", "Unavailable")]
    public void The_reason_of_a_hand_over_is_a_phrase_for_the_log(string detail, string reason) =>
        Assert.Equal(reason, new RpcException(new Status(StatusCode.Unavailable, detail)).ToHandOver().Reason);
}
