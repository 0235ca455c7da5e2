using Anywire.Http.Mapping;
using Grpc.Core;

namespace Anywire.Http.Client;

/// <summary>One unary call.</summary>
internal sealed class UnaryExchange<TRequest, TResponse>(MethodCalls<TRequest, TResponse> calls, in CallOptions options)
    : HttpExchange(options, calls.Client)
    where TRequest : class
    where TResponse : class
{
    private readonly CallOptions _options = options;

    public AsyncUnaryCall<TResponse> Start(TRequest request) => new(
        RunAsync(request),
        static e => ((HttpExchange)e).GetHeadersAsync(),
        static e => ((HttpExchange)e).GetStatus(),
        static e => ((HttpExchange)e).GetTrailers(),
        static e => ((HttpExchange)e).Dispose(),
        this);

    private async Task<TResponse> RunAsync(TRequest request)
    {
        try
        {
            Lifetime.Token.ThrowIfCancellationRequested();
            using var message = calls.Create(request);
            AddHead(message, _options, calls.Client.Time, calls.AcceptOne);
            using var response = await calls.Client.SendAsync(message, Lifetime.Token);
            var headers = ResponseMetadata.Headers(response);
            HasHeaders(headers);
            if (!response.IsSuccessStatusCode)
            {
                throw await calls.Client.Failures.OfAsync(response, Lifetime.Token);
            }
            var (reply, trailers) = IsStream(response) ? await ReadStreamAsync(response) : (await ReadAsync(response), ResponseMetadata.Trailers(response));
            End(Status.DefaultSuccess, trailers);
            return reply;
        }
        catch (Exception error)
        {
            var failure = calls.Client.Failures.Of(error, Lifetime);
            End(failure.Status, failure.Trailers);
            throw failure;
        }
    }

    private static bool IsStream(HttpResponseMessage response) =>
        response.Content.Headers.ContentType?.MediaType is MediaTypes.Events or MediaTypes.Frames;

    private async Task<TResponse> ReadAsync(HttpResponseMessage response)
    {
        var isProtobuf = MediaTypes.IsProtobuf(response.Content.Headers.ContentType?.MediaType);
        if (!isProtobuf && response.Content.Headers.ContentType is { } type && !MediaTypes.IsJson(type.MediaType))
        {
            throw calls.Client.Failures.Unreadable($"it is of the type {type.MediaType}.");
        }
        using var body = await ResponseBody.ReadAsync(response, SizeBounds.OfBody(calls.Contract.MaxReplyBytes, isProtobuf), Lifetime.Token)
            ?? throw calls.TooLarge();
        calls.Sizes.Response(body.Length);
        if (body.Length == 0 && !isProtobuf && !calls.Contract.ReturnsEmpty)
        {
            // Not a reply whose fields are all unset: in JSON that has two braces.
            throw calls.Client.Failures.Unreadable("it is empty.");
        }
        return calls.Checked(calls.Replies.Read(body.Sequence, isProtobuf || body.Length == 0));
    }

    // The handler sent headers ahead: the reply comes as a stream of one.
    private async Task<(TResponse Reply, Metadata Trailers)> ReadStreamAsync(HttpResponseMessage response)
    {
        TResponse? reply = null;
        await using var parts = await calls.OpenAsync(response, Lifetime.Token);
        while (await parts.MoveNextAsync(Lifetime.Token))
        {
            reply = parts.Current;
        }
        return (reply ?? throw calls.Client.Failures.Unreadable("it has no message."), parts.Trailers);
    }
}
