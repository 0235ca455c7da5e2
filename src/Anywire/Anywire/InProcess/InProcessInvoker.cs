using Anywire.Client;
using Google.Protobuf;
using Grpc.Core;

namespace Anywire.InProcess;

/// <summary>Calls handlers directly.</summary>
internal sealed class InProcessInvoker(LocalServers<InProcessServer> servers, TransportClientOptions options, CancellationToken closed) : AsyncInvoker
{
    private int _turn;

    public override AsyncUnaryCall<TResponse> AsyncUnaryCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions callOptions, TRequest request)
    {
        var context = new InProcessCallContext(method, options, callOptions);
        var task = CallAsync(method, callOptions, request, context);
        return new AsyncUnaryCall<TResponse>(
            task,
            static c => ((InProcessCallContext)c).ResponseHeadersAsync(),
            static c => ((InProcessCallContext)c).FinalStatus,
            static c => ((InProcessCallContext)c).FinalTrailers,
            static c => ((InProcessCallContext)c).Cancel(),
            context);
    }

    public override AsyncServerStreamingCall<TResponse> AsyncServerStreamingCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions callOptions, TRequest request)
    {
        var handler = Find<ServerStreamingServerMethod<TRequest, TResponse>>(method, out var server, out var problem);
        var call = new InProcessStreamingCall<TRequest, TResponse>(method, options, callOptions, server, closed);
        call.Start(handler, problem,
            (serve, requests, responses, context) => serve(request, responses, context), TooLarge(method, request, options.Contracts[method].MaxRequestBytes, "request"));
        return new AsyncServerStreamingCall<TResponse>(
            call.Responses, static c => ((ICallState)c).HeadersAsync(), static c => ((ICallState)c).Status, static c => ((ICallState)c).Trailers,
            static c => ((ICallState)c).Cancel(), call);
    }

    public override AsyncClientStreamingCall<TRequest, TResponse> AsyncClientStreamingCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions callOptions)
    {
        var handler = Find<ClientStreamingServerMethod<TRequest, TResponse>>(method, out var server, out var problem);
        var call = new InProcessStreamingCall<TRequest, TResponse>(method, options, callOptions, server, closed);
        call.Start(handler, problem,
            static async (serve, requests, responses, context) => await responses.WriteAsync(await serve(requests, context)), null);
        return new AsyncClientStreamingCall<TRequest, TResponse>(
            call.Requests, call.SingleResponseAsync(), static c => ((ICallState)c).HeadersAsync(), static c => ((ICallState)c).Status,
            static c => ((ICallState)c).Trailers, static c => ((ICallState)c).Cancel(), call);
    }

    public override AsyncDuplexStreamingCall<TRequest, TResponse> AsyncDuplexStreamingCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions callOptions)
    {
        var handler = Find<DuplexStreamingServerMethod<TRequest, TResponse>>(method, out var server, out var problem);
        var call = new InProcessStreamingCall<TRequest, TResponse>(method, options, callOptions, server, closed);
        call.Start(handler, problem,
            static (serve, requests, responses, context) => serve(requests, responses, context), null);
        return new AsyncDuplexStreamingCall<TRequest, TResponse>(
            call.Requests, call.Responses, static c => ((ICallState)c).HeadersAsync(), static c => ((ICallState)c).Status,
            static c => ((ICallState)c).Trailers, static c => ((ICallState)c).Cancel(), call);
    }

    /// <summary>Why a call ends whose server has been closed.</summary>
    public static Status PeerGone => new(StatusCode.Unavailable, "The service went away while it handled the call.");

    /// <summary>Why a call ends whose client has been closed.</summary>
    public static Status ClientClosed => new(StatusCode.Cancelled, "The call was cancelled: its client has been closed.");

    public static RpcException? TooLarge(IMethod method, object message, int limit, string what) =>
        message is IMessage protobuf && protobuf.CalculateSize() is var size && size > limit
            ? RpcErrors.TooLarge(method, what, size, limit)
            : null;

    private Task<TResponse> CallAsync<TRequest, TResponse>(
        Method<TRequest, TResponse> method, in CallOptions callOptions, TRequest request, InProcessCallContext context)
        where TRequest : class
        where TResponse : class
    {
        var handler = Find<UnaryServerMethod<TRequest, TResponse>>(method, out var server, out var problem);
        var contract = options.Contracts[method];
        problem ??= callOptions.CancellationToken.IsCancellationRequested ? new RpcException(context.EarlyEnd) : null;
        problem ??= TooLarge(method, request, contract.MaxRequestBytes, "request");
        problem ??= server?.Check?.FindChange();
        if (problem is not null)
        {
            return Failed<TResponse>(problem, context);
        }
        var note = server!.Check?.Note(method, "request", request);
        var task = handler!(request, context);
        if (!task.IsCompletedSuccessfully || note is not null)
        {
            return AwaitAsync(task, method, contract, server, note, context, closed);
        }
#pragma warning disable VSTHRD002 // It has completed.
        problem = Problem(method, task.Result, contract, context);
#pragma warning restore VSTHRD002
        if (problem is not null)
        {
            return Failed<TResponse>(problem, context);
        }
        context.Finish();
        return task;
    }

    private static async Task<TResponse> AwaitAsync<TRequest, TResponse>(
        Task<TResponse> task, Method<TRequest, TResponse> method, MethodContract contract, InProcessServer server,
        HandOverCheck.HandedOver? request, InProcessCallContext context, CancellationToken closed)
        where TRequest : class
        where TResponse : class
    {
        var entered = server.Unanswered.TryEnter() is null;
        try
        {
            using var onGone = server.Gone.UnsafeRegister(static c => ((InProcessCallContext)c!).Abandon(PeerGone), context);
            using var onClosed = closed.UnsafeRegister(static c => ((InProcessCallContext)c!).Abandon(ClientClosed), context);
            // Whatever the handler does, its caller is answered in time.
            var response = await task.WaitAsync(context.Token());
            if ((Problem(method, response, contract, context) ?? request?.Change()) is { } problem)
            {
                throw problem;
            }
            server.Check?.Note(method, "reply", response);
            return response;
        }
        catch (Exception error)
        {
            throw context.Fail(error);
        }
        finally
        {
            context.Finish();
            if (entered)
            {
                server.Unanswered.Leave();
            }
        }
    }

    private static Task<TResponse> Failed<TResponse>(RpcException error, InProcessCallContext context)
    {
        var ended = context.Fail(error);
        context.Finish();
        return Task.FromException<TResponse>(ended);
    }

    private static RpcException? Problem(IMethod method, object? response, MethodContract contract, InProcessCallContext context)
    {
        if (context.Status.StatusCode != StatusCode.OK)
        {
            return new RpcException(context.Status);
        }
        return response is null
            ? new RpcException(new Status(StatusCode.Internal, $"The handler of {method.FullName} gave no reply."))
            : TooLarge(method, response, contract.MaxReplyBytes, "reply");
    }

    private THandler? Find<THandler>(IMethod method, out InProcessServer? server, out RpcException? problem)
        where THandler : Delegate
    {
        server = Listening();
        var handler = server?.Find<THandler>(method);
        problem = server is null
            ? LocalServers.NobodyListens(options)
            : handler is null ? new RpcException(new Status(StatusCode.Unimplemented, $"{options.Service} has no method {method.FullName}.")) : null;
        return handler;
    }

    private InProcessServer? Listening() => servers.Pick(options.Endpoints, ref _turn);
}
