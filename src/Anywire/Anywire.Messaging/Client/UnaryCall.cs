using Anywire.Messaging.Format;
using Grpc.Core;

namespace Anywire.Messaging.Client;

/// <summary>A call with one reply.</summary>
internal sealed class UnaryCall<TRequest, TResponse>(Caller caller, Method<TRequest, TResponse> method, in CallOptions options)
    : BrokeredCall<TRequest, TResponse>(caller, method, options)
    where TRequest : class
    where TResponse : class
{
    private readonly TaskCompletionSource<TResponse> _reply = new();
    private RpcException? _failure;
    private TResponse? _response;

    public Task<TResponse> Reply => _reply.Task;

    public override void Receive(MessageReader message)
    {
        if (message.Kind == MessageKind.Begin)
        {
            _ = message.Name();
            SetHeaders(message.Metadata());
            return;
        }
        if (message.Kind != MessageKind.End)
        {
            throw new MalformedMessageException($"It is of kind {message.Kind}, and the call has no stream.");
        }
        var end = CallEnd.Read(message);
        if (end.Status.StatusCode != StatusCode.OK)
        {
            TryEnd(end.Status, end.Trailers, null);
        }
        else if (!end.HasReply)
        {
            TryEnd(new Status(StatusCode.Internal, $"The handler of {Method.FullName} gave no reply."), end.Trailers, null);
        }
        else if (message.Rest.Length is var length && length > Contract.MaxReplyBytes)
        {
            TryEnd(RpcErrors.TooLarge(Method, "reply", length, Contract.MaxReplyBytes).Status, [], null);
        }
        else
        {
            Sizes.Response(length);
            TryEnd(end.Status, end.Trailers, message.Body(Method.ResponseMarshaller));
        }
    }

    protected override void Accept() =>
        TryEnd(Status.DefaultSuccess, [], MessageReader.Body(Method.ResponseMarshaller, ReadOnlyMemory<byte>.Empty));

    protected override void Finish(RpcException? failure, TResponse? reply)
    {
        (_failure, _response) = (failure, reply);
        Caller.Turns.Add(Tell);
    }

    private void Tell()
    {
        if (_failure is null)
        {
            _reply.TrySetResult(_response!);
        }
        else
        {
            _reply.TrySetException(_failure);
        }
    }
}
