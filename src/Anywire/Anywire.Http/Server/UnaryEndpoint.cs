using Anywire.Http.Json;
using Anywire.Http.Mapping;
using Google.Protobuf;
using Grpc.Core;
using Microsoft.AspNetCore.Http;

namespace Anywire.Http.Server;

/// <summary>One request, one reply.</summary>
internal sealed class UnaryEndpoint<TRequest, TResponse> : CallEndpoint<TRequest, TResponse>
    where TRequest : class
    where TResponse : class
{
    private readonly UnaryServerMethod<TRequest, TResponse> _handler;
    private readonly JsonField? _bodyField;
    private readonly CreatedLocation? _location;

    public UnaryEndpoint(
        Method<TRequest, TResponse> method, MethodContract contract, RestRoute route, UnaryServerMethod<TRequest, TResponse> handler, ServerSide side)
        : base(method, contract, route, side)
    {
        _handler = handler;
        _bodyField = route.ResponseBody.Length == 0
            ? null
            : Replies.Json?.Field(route.ResponseBody) ?? throw new FormatException($"The reply of {method.FullName} has no field \"{route.ResponseBody}\" to be the body.");
        _location = contract.Location.Length > 0 && Replies.Json is { } json ? new CreatedLocation(method, contract.Location, json) : null;
    }

    protected override async Task HandleAsync(HttpContext http, TRequest request, HttpCallContext context, ReplyStream stream, bool isProtobuf)
    {
        var reply = await _handler(request, context);
        var status = context.Status;
        if (status.StatusCode != StatusCode.OK)
        {
            throw new RpcException(status);
        }
        CheckSize(reply);
        if (stream.HasStarted)
        {
            await stream.WriteAsync(Replies, reply, http.RequestAborted);
            await stream.EndAsync(status, context.TrailersOrNull);
            return;
        }
        ResponseHead.AddTrailers(http.Response, context.TrailersOrNull);
        if (Contract.ReturnsEmpty)
        {
            Sizes.Response(0);
            http.Response.StatusCode = StatusCodes.Status204NoContent;
            return;
        }
        if (_location?.Of((IMessage)reply) is { } location)
        {
            http.Response.StatusCode = StatusCodes.Status201Created;
            http.Response.Headers.Location = location;
        }
        await WriteAsync(http, reply, isProtobuf);
    }

    private async Task WriteAsync(HttpContext http, TResponse reply, bool isProtobuf)
    {
        http.Response.ContentType = isProtobuf ? MediaTypes.Protobuf : MediaTypes.Json;
        using var body = new PooledBuffer(isProtobuf ? Codec<TResponse>.SizeOf(reply) ?? 512 : 1024);
        if (_bodyField is not null && !isProtobuf)
        {
            _bodyField.WriteValue(body, (IMessage)reply);
        }
        else if (_bodyField is not null)
        {
            (_bodyField.Descriptor.Accessor.GetValue((IMessage)reply) as IMessage)?.WriteTo(body);
        }
        else
        {
            Replies.Write(body, reply, isProtobuf);
        }
        Sizes.Response(body.Length);
        http.Response.ContentLength = body.Length;
        await http.Response.BodyWriter.WriteAsync(body.Memory, http.RequestAborted);
    }
}
