using Google.Protobuf.WellKnownTypes;
using Google.Rpc;
using Grpc.Core;
using Status = Grpc.Core.Status;

namespace Anywire.Conformance;

public abstract partial class ConformanceSuite
{
    private const string Secret = "s3cr3t-of-the-handler";

    public static TheoryData<StatusCode> FailureCodes => [.. System.Enum.GetValues<StatusCode>().Where(c => c != StatusCode.OK)];

    [Theory, MemberData(nameof(FailureCodes))]
    public async Task Every_status_code_arrives_with_its_message(StatusCode code)
    {
        var stage = await OpenAsync();
        stage.Handlers.Unary = (_, _) => throw new RpcException(new Status(code, $"It is {code}."));
        using var call = stage.Calls.UnaryAsync(new Item());
        var error = await Wait.FailsAsync(code, () => call.ResponseAsync);
        Assert.Equal($"It is {code}.", error.Status.Detail);
        Assert.Equal((code, error.Status.Detail), (call.GetStatus().StatusCode, call.GetStatus().Detail));
    }

    [Theory, MemberData(nameof(FailureCodes))]
    public async Task Every_status_code_set_without_throwing_arrives(StatusCode code)
    {
        var stage = await OpenAsync();
        stage.Handlers.Unary = (_, context) =>
        {
            context.Status = new Status(code, $"It is {code}.");
            return Task.FromResult(new Item());
        };
        var error = await Wait.FailsAsync(code, () => stage.Calls.UnaryAsync(new Item()).ResponseAsync);
        Assert.Equal($"It is {code}.", error.Status.Detail);
    }

    [Fact]
    public async Task A_status_set_without_throwing_ends_each_kind_of_stream()
    {
        Needs(CallKinds.ServerStreaming);
        var stage = await OpenAsync();
        var gone = new Status(StatusCode.DataLoss, "The tape broke.");
        stage.Handlers.ServerStream = async (item, writer, context) =>
        {
            await writer.WriteAsync(item.Clone());
            context.Status = gone;
        };
        stage.Handlers.ClientStream = (_, context) =>
        {
            context.Status = gone;
            return Task.FromResult(new Item());
        };
        stage.Handlers.Duplex = (_, _, context) =>
        {
            context.Status = gone;
            return Task.CompletedTask;
        };
        using var down = stage.Calls.ServerStream(new Item { Number = 1 });
        Assert.True(await down.ResponseStream.MoveNext(default).Soon());
        Assert.Equal(1, down.ResponseStream.Current.Number);
        var error = await Wait.FailsAsync(StatusCode.DataLoss, () => down.ResponseStream.MoveNext(default));
        Assert.Equal(gone.Detail, error.Status.Detail);
        if (Carries(CallKinds.All))
        {
            using var up = stage.Calls.ClientStream();
            await Wait.FailsAsync(StatusCode.DataLoss, () => up.ResponseAsync);
            using var both = stage.Calls.Duplex();
            await Wait.FailsAsync(StatusCode.DataLoss, () => both.ResponseStream.MoveNext(default));
        }
    }

    [Fact]
    public async Task Details_of_google_rpc_arrive_whole()
    {
        var stage = await OpenAsync();
        stage.Handlers.Unary = (_, _) => throw new Google.Rpc.Status
        {
            Code = (int)Code.ResourceExhausted,
            Message = "Enough.",
            Details =
            {
                Any.Pack(new RetryInfo { RetryDelay = Duration.FromTimeSpan(TimeSpan.FromSeconds(7)) }),
                Any.Pack(new ErrorInfo { Reason = "QUOTA", Domain = "twite", Metadata = { ["left"] = "0" } }),
            },
        }.ToRpcException();
        var error = await Wait.FailsAsync(StatusCode.ResourceExhausted, () => stage.Calls.UnaryAsync(new Item()).ResponseAsync);
        var status = error.GetRpcStatus();
        Assert.Equal("Enough.", status?.Message);
        Assert.Equal(7, status?.GetDetail<RetryInfo>()?.RetryDelay.Seconds);
        Assert.Equal("0", status?.GetDetail<ErrorInfo>()?.Metadata["left"]);
    }

    [Fact]
    public async Task An_invalid_argument_says_which_field_broke_which_rule()
    {
        var stage = await OpenAsync();
        stage.Handlers.Unary = (_, _) => throw RpcErrors.InvalidArgument("text", "TOO_LONG", "At most 141 characters.");
        var error = await Wait.FailsAsync(StatusCode.InvalidArgument, () => stage.Calls.UnaryAsync(new Item()).ResponseAsync);
        Assert.Equal(("text", "TOO_LONG"), (error.Violation()?.Field, error.Violation()?.Reason));
    }

    [Fact]
    public async Task Details_arrive_at_the_end_of_a_stream()
    {
        Needs(CallKinds.ServerStreaming);
        var stage = await OpenAsync();
        stage.Handlers.ServerStream = async (item, writer, _) =>
        {
            await writer.WriteAsync(item.Clone());
            throw RpcErrors.Failure(StatusCode.Aborted, "BROKE_OFF", "No more.");
        };
        using var call = stage.Calls.ServerStream(new Item());
        Assert.True(await call.ResponseStream.MoveNext(default).Soon());
        var error = await Wait.FailsAsync(StatusCode.Aborted, () => call.ResponseStream.MoveNext(default));
        Assert.Equal("BROKE_OFF", error.Reason());
        Assert.Equal(StatusCode.Aborted, call.GetStatus().StatusCode);
    }

    [Theory]
    [InlineData("Grüße, 世界 🐦 – “quoted”")]
    [InlineData("100 % of \r\n two lines\tand a tab")]
    [InlineData("%41 stays as it is, and so does a+b")]
    [InlineData("")]
    public async Task Any_text_can_be_a_message(string message)
    {
        var stage = await OpenAsync();
        stage.Handlers.Unary = (_, _) => throw new RpcException(new Status(StatusCode.FailedPrecondition, message));
        var error = await Wait.FailsAsync(StatusCode.FailedPrecondition, () => stage.Calls.UnaryAsync(new Item()).ResponseAsync);
        Assert.Equal(message, error.Status.Detail);
    }

    [Fact]
    public async Task Nothing_leaks_of_a_handler_that_throws_at_once() =>
        await LeaksNothingAsync((_, _) => throw new InvalidOperationException(Secret));

    [Fact]
    public async Task Nothing_leaks_of_a_handler_that_throws_later() =>
        await LeaksNothingAsync(async (_, _) =>
        {
            await Task.Yield();
            throw new InvalidOperationException(Secret);
        });

    [Fact]
    public async Task Nothing_leaks_of_the_cause_behind_an_error_that_was_meant()
    {
        var stage = await OpenAsync();
        stage.Handlers.Unary = (_, _) => throw new RpcException(new Status(StatusCode.Aborted, "Lost the race.", new InvalidOperationException(Secret)));
        var error = await Wait.FailsAsync(StatusCode.Aborted, () => stage.Calls.UnaryAsync(new Item()).ResponseAsync);
        Assert.Equal("Lost the race.", error.Status.Detail);
        Assert.DoesNotContain(Secret, error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nothing_leaks_of_a_handler_that_throws_in_the_middle_of_a_stream()
    {
        Needs(CallKinds.ServerStreaming);
        var stage = await OpenAsync();
        stage.Handlers.ServerStream = async (item, writer, _) =>
        {
            await writer.WriteAsync(item.Clone());
            throw new InvalidOperationException(Secret);
        };
        using var call = stage.Calls.ServerStream(new Item());
        Assert.True(await call.ResponseStream.MoveNext(default).Soon());
        AssertNothingLeaks(await Wait.FailsAsync(StatusCode.Unknown, () => call.ResponseStream.MoveNext(default)), stage);
    }

    [Fact]
    public async Task A_handler_that_gives_null_is_an_internal_error()
    {
        var stage = await OpenAsync();
        stage.Handlers.Unary = (_, _) => Task.FromResult<Item>(null!);
        await Wait.FailsAsync(StatusCode.Internal, () => stage.Calls.UnaryAsync(new Item()).ResponseAsync);
        stage.Handlers.Unary = static (item, _) => Task.FromResult(item.Clone());
        Assert.Equal(3, (await stage.Calls.UnaryAsync(new Item { Number = 3 }).ResponseAsync.Soon()).Number);
    }

    [Fact]
    public async Task A_handler_that_gives_no_task_at_all_fails_only_its_own_call()
    {
        var stage = await OpenAsync();
        Task<Item>? none = null;
        stage.Handlers.Unary = (_, _) => none!;
        await Wait.FailsAsync(() => stage.Calls.UnaryAsync(new Item()).ResponseAsync);
        await Wait.UntilAsync(() => stage.Server.CallsInFlight == 0, "the failed call has left");
    }

    [Fact]
    public async Task A_method_that_nobody_handles_is_unimplemented()
    {
        var stage = await OpenAsync();
        await Wait.FailsAsync(StatusCode.Unimplemented, () => stage.Calls.UnhandledAsync(new Item()).ResponseAsync);
    }

    [Fact]
    public async Task A_method_that_does_not_exist_is_unimplemented()
    {
        var stage = await OpenAsync();
        var marshaller = Marshallers.Create(static (Item _) => Array.Empty<byte>(), static _ => new Item());
        var method = new Method<Item, Item>(MethodType.Unary, Conformance.Calls.Descriptor.FullName, "Gone", marshaller, marshaller);
        await Wait.FailsAsync(StatusCode.Unimplemented, () => stage.Client.Invoker.AsyncUnaryCall(method, null, default, new Item()).ResponseAsync);
    }

    [Fact]
    public async Task A_service_that_does_not_exist_is_unimplemented()
    {
        var stage = await OpenAsync();
        await Wait.FailsAsync(StatusCode.Unimplemented, () => new Absent.AbsentClient(stage.Client.Invoker).AskAsync(new Item()).ResponseAsync);
    }

    [Fact]
    public async Task A_failure_of_another_call_is_not_taken_for_the_handlers_own_answer()
    {
        var stage = await OpenAsync();
        stage.Handlers.Unary = async (item, context) => item.Text switch
        {
            "outer" => await stage.Calls.UnaryAsync(new Item { Text = "inner" }, cancellationToken: context.CancellationToken),
            _ => throw new RpcException(new Status(StatusCode.NotFound, $"No such thing: {Secret}")),
        };
        var error = await Wait.FailsAsync(StatusCode.Internal, () => stage.Calls.UnaryAsync(new Item { Text = "outer" }).ResponseAsync);
        Assert.DoesNotContain(Secret, error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_failure_of_another_stream_is_not_taken_for_the_handlers_own_answer()
    {
        Needs(CallKinds.ServerStreaming);
        var stage = await OpenAsync();
        stage.Handlers.ServerStream = (_, _, _) => throw new RpcException(new Status(StatusCode.PermissionDenied, Secret));
        stage.Handlers.Unary = async (item, _) =>
        {
            using var inner = stage.Calls.ServerStream(item.Clone());
            await inner.ResponseStream.MoveNext(default);
            return item;
        };
        var error = await Wait.FailsAsync(StatusCode.Internal, () => stage.Calls.UnaryAsync(new Item()).ResponseAsync);
        Assert.DoesNotContain(Secret, error.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(StatusCode.Unavailable)]
    [InlineData(StatusCode.ResourceExhausted)]
    public async Task A_failure_of_another_call_that_says_later_stays_so(StatusCode code)
    {
        var stage = await OpenAsync();
        stage.Handlers.Unary = async (item, _) => item.Text == "outer"
            ? await stage.Calls.UnaryAsync(new Item())
            : throw new RpcException(new Status(code, Secret));
        var error = await Wait.FailsAsync(code, () => stage.Calls.UnaryAsync(new Item { Text = "outer" }).ResponseAsync);
        Assert.DoesNotContain(Secret, error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Status_and_trailers_are_there_only_when_the_call_has_ended()
    {
        var stage = await OpenAsync();
        var release = new TaskCompletionSource();
        stage.Handlers.Unary = async (item, _) =>
        {
            await release.Task;
            return item.Clone();
        };
        using var call = stage.Calls.UnaryAsync(new Item());
        Assert.Throws<InvalidOperationException>(() => call.GetStatus());
        Assert.Throws<InvalidOperationException>(() => call.GetTrailers());
        release.SetResult();
        await call.ResponseAsync.Soon();
        Assert.Equal(StatusCode.OK, call.GetStatus().StatusCode);
    }

    private async Task LeaksNothingAsync(Func<Item, ServerCallContext, Task<Item>> handler)
    {
        var stage = await OpenAsync();
        stage.Handlers.Unary = handler;
        AssertNothingLeaks(await Wait.FailsAsync(StatusCode.Unknown, () => stage.Calls.UnaryAsync(new Item()).ResponseAsync), stage);
    }

    private static void AssertNothingLeaks(RpcException error, Stage stage)
    {
        var known = $"{error} {error.InnerException} {error.Status.DebugException} {string.Join(' ', error.Trailers.Where(t => !t.IsBinary).Select(t => t.Value))}";
        Assert.DoesNotContain(Secret, known, StringComparison.Ordinal);
        Assert.DoesNotContain(nameof(InvalidOperationException), known, StringComparison.Ordinal);
        Assert.Contains(Secret, stage.Log.Text, StringComparison.Ordinal);
    }
}
