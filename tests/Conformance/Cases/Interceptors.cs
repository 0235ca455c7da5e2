using System.Collections.Concurrent;
using Grpc.Core;
using Grpc.Core.Interceptors;

namespace Anywire.Conformance;

public abstract partial class ConformanceSuite
{
    [Fact]
    public async Task Interceptors_run_in_order_on_every_kind_of_call()
    {
        Needs(CallKinds.ServerStreaming);
        var steps = new ConcurrentQueue<string>();
        var stage = await OpenAsync(new StageOptions { Interceptors = [new Recorder("outer", steps), new Recorder("inner", steps)] });

        await stage.Calls.UnaryAsync(new Item()).ResponseAsync.Soon();
        await AssertPassedAsync("Unary");

        using var down = stage.Calls.ServerStream(new Item());
        Assert.Single(await down.ResponseStream.ToListAsync());
        await AssertPassedAsync("ServerStream");
        if (!Carries(CallKinds.All))
        {
            return;
        }

        using var up = stage.Calls.ClientStream();
        await up.RequestStream.CompleteAsync().Soon();
        await up.ResponseAsync.Soon();
        await AssertPassedAsync("ClientStream");

        using var both = stage.Calls.Duplex();
        await both.RequestStream.CompleteAsync().Soon();
        await both.ResponseStream.ToListAsync();
        await AssertPassedAsync("Duplex");

        async Task AssertPassedAsync(string method)
        {
            await Wait.UntilAsync(() => steps.Count >= 4, "both have come and gone");
            string[] passed = [.. steps];
            steps.Clear();
            Assert.Equal([$"outer > {method}", $"inner > {method}", $"inner < {method}", $"outer < {method}"], passed);
        }
    }

    [Fact]
    public async Task An_interceptor_may_answer_in_the_handlers_place()
    {
        var ran = 0;
        var stage = await OpenAsync(new StageOptions { Interceptors = [new Gatekeeper()] });
        stage.Handlers.Unary = (item, _) =>
        {
            Interlocked.Increment(ref ran);
            return Task.FromResult(item.Clone());
        };
        Assert.Equal("from the gate", (await stage.Calls.UnaryAsync(new Item { Text = "answer" }).ResponseAsync.Soon()).Text);
        var error = await Wait.FailsAsync(StatusCode.FailedPrecondition, () => stage.Calls.UnaryAsync(new Item { Text = "refuse" }).ResponseAsync);
        Assert.Equal("GATE", error.Reason());
        Assert.Equal(0, ran);
        await stage.Calls.UnaryAsync(new Item { Text = "pass" }).ResponseAsync.Soon();
        Assert.Equal(1, ran);
    }

    [Fact]
    public async Task Nothing_leaks_of_an_interceptor_that_throws()
    {
        var stage = await OpenAsync(new StageOptions { Interceptors = [new Gatekeeper()] });
        AssertNothingLeaks(await Wait.FailsAsync(StatusCode.Unknown, () => stage.Calls.UnaryAsync(new Item { Text = "break" }).ResponseAsync), stage);
    }

    [Fact]
    public async Task An_interceptor_sees_the_calls_metadata_and_adds_its_own()
    {
        var stage = await OpenAsync(new StageOptions { Interceptors = [new Gatekeeper()] });
        using var call = stage.Calls.UnaryAsync(new Item { Text = "pass" }, new Metadata { { "ticket", "17" } });
        await call.ResponseAsync.Soon();
        Assert.Equal("17", call.GetTrailers().GetValue("stamped"));
    }

    private sealed class Recorder(string name, ConcurrentQueue<string> steps) : Interceptor
    {
        public override Task<TResponse> UnaryServerHandler<TRequest, TResponse>(
            TRequest request, ServerCallContext context, UnaryServerMethod<TRequest, TResponse> continuation) =>
            RecordAsync(context, () => continuation(request, context));

        public override Task ServerStreamingServerHandler<TRequest, TResponse>(
            TRequest request, IServerStreamWriter<TResponse> responseStream, ServerCallContext context, ServerStreamingServerMethod<TRequest, TResponse> continuation) =>
            RecordAsync(context, async () =>
            {
                await continuation(request, responseStream, context);
                return true;
            });

        public override Task<TResponse> ClientStreamingServerHandler<TRequest, TResponse>(
            IAsyncStreamReader<TRequest> requestStream, ServerCallContext context, ClientStreamingServerMethod<TRequest, TResponse> continuation) =>
            RecordAsync(context, () => continuation(requestStream, context));

        public override Task DuplexStreamingServerHandler<TRequest, TResponse>(
            IAsyncStreamReader<TRequest> requestStream, IServerStreamWriter<TResponse> responseStream, ServerCallContext context,
            DuplexStreamingServerMethod<TRequest, TResponse> continuation) =>
            RecordAsync(context, async () =>
            {
                await continuation(requestStream, responseStream, context);
                return true;
            });

        private async Task<T> RecordAsync<T>(ServerCallContext context, Func<Task<T>> next)
        {
            var method = context.Method[(context.Method.LastIndexOf('/') + 1)..];
            steps.Enqueue($"{name} > {method}");
            var result = await next();
            steps.Enqueue($"{name} < {method}");
            return result;
        }
    }

    private sealed class Gatekeeper : Interceptor
    {
        public override Task<TResponse> UnaryServerHandler<TRequest, TResponse>(
            TRequest request, ServerCallContext context, UnaryServerMethod<TRequest, TResponse> continuation)
        {
            if (context.RequestHeaders.GetValue("ticket") is { } ticket)
            {
                context.ResponseTrailers.Add("stamped", ticket);
            }
            return (request as Item)?.Text switch
            {
                "answer" => Task.FromResult((TResponse)(object)new Item { Text = "from the gate" }),
                "refuse" => throw RpcErrors.Failure(StatusCode.FailedPrecondition, "GATE", "Closed."),
                "break" => throw new InvalidOperationException(Secret),
                _ => continuation(request, context),
            };
        }
    }
}
