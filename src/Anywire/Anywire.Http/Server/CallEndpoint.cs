using Anywire.Diagnostics;
using Anywire.Http.Json;
using Anywire.Http.Mapping;
using Grpc.Core;
using Microsoft.AspNetCore.Http;

namespace Anywire.Http.Server;

/// <summary>One method over one of its routes: reads the request, has it handled, answers. Any thread may use it.</summary>
internal abstract class CallEndpoint<TRequest, TResponse>
    where TRequest : class
    where TResponse : class
{
    private readonly RequestReader<TRequest> _requests;

    protected CallEndpoint(Method<TRequest, TResponse> method, MethodContract contract, RestRoute route, ServerSide side)
    {
        (Method, Contract, Route, Side) = (method, contract, route, side);
        Sizes = MessageSizes.OfServer(method, HttpTransport.WireName);
        Replies = new Codec<TResponse>(method.ResponseMarshaller, side.Codec);
        _requests = new RequestReader<TRequest>(method, contract, new Codec<TRequest>(method.RequestMarshaller, side.Codec), route, Sizes);
    }

    protected Method<TRequest, TResponse> Method { get; }

    protected MethodContract Contract { get; }

    protected RestRoute Route { get; }

    protected ServerSide Side { get; }

    protected MessageSizes Sizes { get; }

    protected Codec<TResponse> Replies { get; }

    public async Task HandleAsync(HttpContext http)
    {
        var isProtobuf = Replies.Json is null
            || MediaTypes.PrefersProtobuf(http.Request.Headers.Accept, MediaTypes.IsProtobuf(http.Request.ContentType));
        var stream = new ReplyStream(http, Side.Problems, isProtobuf, Sizes);
        using var context = new HttpCallContext(http, Method.FullName, Side.Time, Side.Loggers, headers => stream.HasStarted
            ? throw new InvalidOperationException("Response headers can be sent only once, and before the first message.")
            : stream.StartAsync(headers));
        try
        {
            var request = await _requests.ReadAsync(http, () => context.CancellationToken);
            await HandleAsync(http, request, context, stream, isProtobuf);
        }
        catch (RpcException error)
        {
            await FailAsync(http, error, context, stream);
        }
        catch (JsonFormatException error)
        {
            await FailAsync(http, new RpcException(new Status(StatusCode.Internal, $"The reply has no form in JSON: {error.Message}")), context, stream);
        }
        catch (BadHttpRequestException error)
        {
            await FailAsync(http, new HttpFailure(error.StatusCode, StatusCode.InvalidArgument, "The request is malformed, or its body came too slowly."), context, stream);
        }
        catch (OperationCanceledException) when (!http.RequestAborted.IsCancellationRequested)
        {
            await FailAsync(http, new RpcException(context.EarlyEnd), context, stream);
        }
        catch (Exception error) when (error is OperationCanceledException or IOException && http.RequestAborted.IsCancellationRequested)
        {
            // The caller has gone: there is nobody to tell.
        }
    }

    /// <summary>Has the request handled and answers it.</summary>
    protected abstract Task HandleAsync(HttpContext http, TRequest request, HttpCallContext context, ReplyStream stream, bool isProtobuf);

    /// <exception cref="RpcException">The reply is larger than the contract allows.</exception>
    protected void CheckSize(TResponse reply)
    {
        if (Codec<TResponse>.SizeOf(reply) is { } size && size > Contract.MaxReplyBytes)
        {
            throw RpcErrors.TooLarge(Method, "reply", size, Contract.MaxReplyBytes);
        }
    }

    private async Task FailAsync(HttpContext http, RpcException error, HttpCallContext context, ReplyStream stream)
    {
        try
        {
            if (stream.HasStarted)
            {
                var trailers = new Metadata();
                foreach (var entry in (context.TrailersOrNull ?? []).Concat(error.Trailers))
                {
                    trailers.Add(entry);
                }
                await stream.EndAsync(error.Status, trailers);
            }
            else
            {
                await ProblemResponse.WriteAsync(http, Side.Problems, error, context.TrailersOrNull);
            }
        }
        catch (Exception gone) when (gone is OperationCanceledException or IOException && http.RequestAborted.IsCancellationRequested)
        {
            // As above.
        }
    }
}
