using System.Collections.Immutable;
using Anywire.Diagnostics;
using Anywire.Http.Mapping;
using Grpc.Core;

namespace Anywire.Http.Client;

/// <summary>What the calls of one method share. Any thread may use it.</summary>
internal sealed class MethodCalls<TRequest, TResponse> : MethodReplies<TResponse>
    where TRequest : class
    where TResponse : class
{
    private readonly MethodRequests<TRequest> _requests;

    public MethodCalls(Method<TRequest, TResponse> method, MethodContract contract, ImmutableArray<RestRoute> routes, HttpCalls client)
        : base(method, contract, new Codec<TResponse>(method.ResponseMarshaller, client.Codec), client.Problems, client.Failures,
            MessageSizes.OfClient(method, HttpTransport.WireName))
    {
        Client = client;
        Method = method;
        _requests = new MethodRequests<TRequest>(
            method, new Codec<TRequest>(method.RequestMarshaller, client.Codec), routes, client.Origin, client.IsProtobuf);
        var isProtobuf = client.IsProtobuf || Codec.Json is null;
        AcceptOne = isProtobuf ? MediaTypes.Protobuf : MediaTypes.Json;
        AcceptMany = isProtobuf ? MediaTypes.Frames : MediaTypes.Events;
    }

    public HttpCalls Client { get; }

    public Method<TRequest, TResponse> Method { get; }

    public string AcceptOne { get; }

    public string AcceptMany { get; }

    public Codec<TResponse> Replies => Codec;

    /// <summary>Makes the HTTP request.</summary>
    /// <exception cref="Json.JsonFormatException">The request has no form in JSON.</exception>
    public HttpRequestMessage Create(TRequest request)
    {
        var message = _requests.Create(request);
        if (Sizes.IsRecording)
        {
            // Fields are in path and query as well as in the body.
            Sizes.Request(message.RequestUri!.PathAndQuery.Length + (message.Content?.Headers.ContentLength ?? 0));
        }
        return message;
    }

    /// <summary>Why a request may not be sent; null when it may.</summary>
    public RpcException? Refuse(TRequest request) => Codec<TRequest>.SizeOf(request) is { } size && size > Contract.MaxRequestBytes
        ? RpcErrors.TooLarge(Method, "request", size, Contract.MaxRequestBytes)
        : null;
}
