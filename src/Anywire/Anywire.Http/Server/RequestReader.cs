using System.Buffers;
using System.Collections.Immutable;
using Anywire.Diagnostics;
using Anywire.Http.Json;
using Anywire.Http.Json.Text;
using Anywire.Http.Mapping;
using Google.Protobuf;
using Grpc.Core;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Anywire.Http.Server;

/// <summary>Makes a method's request of what came over one of its routes. Any thread may use it.</summary>
internal sealed class RequestReader<TRequest>
    where TRequest : class
{
    private readonly IMethod _method;
    private readonly MethodContract _contract;
    private readonly Codec<TRequest> _codec;
    private readonly RestRoute _route;
    private readonly MessageSizes _sizes;
    private readonly ImmutableArray<FieldPath> _pathFields;
    private readonly JsonField? _bodyField;
    private readonly Func<ReadOnlySequence<byte>, (TRequest, long)> _parseJson;
    private readonly Func<ReadOnlySequence<byte>, (TRequest, long)> _parseProtobuf;

    /// <exception cref="FormatException">The route names fields that the request does not have.</exception>
    public RequestReader(IMethod method, MethodContract contract, Codec<TRequest> codec, RestRoute route, MessageSizes sizes)
    {
        (_method, _contract, _codec, _route, _sizes) = (method, contract, codec, route, sizes);
        _pathFields = route.Path.Variables.IsEmpty ? [] : RouteFields.Of(method, route.Path, Described());
        _bodyField = route.Body is "" or "*"
            ? null
            : Described().Field(route.Body) ?? throw new FormatException($"{method.FullName} has no field \"{route.Body}\" to be its body.");
        _parseJson = body => (Parse(body, isProtobuf: false), body.Length);
        _parseProtobuf = body => (Parse(body, isProtobuf: true), body.Length);
    }

    /// <summary>Reads it.</summary>
    /// <exception cref="RpcException">It is too large, of an unknown type, malformed, or names what there is not.</exception>
    public async ValueTask<TRequest> ReadAsync(HttpContext http, Func<CancellationToken> cancellationToken)
    {
        var (request, bytes) = _route.Body.Length == 0 || HasNoBody(http) ? (ReadNothing(http), 0) : await ReadBodyAsync(http, cancellationToken);
        if (!_pathFields.IsEmpty || http.Request.QueryString.HasValue)
        {
            ReadUrl(http, request);
        }
        if (Codec<TRequest>.SizeOf(request) is { } size && size > _contract.MaxRequestBytes)
        {
            throw RpcErrors.TooLarge(_method, "request", size, _contract.MaxRequestBytes);
        }
        if (_sizes.IsRecording)
        {
            // As the client counts it: fields are in path and query too.
            _sizes.Request(bytes + RequestTarget.Of(http).Length);
        }
        return request;
    }

    private static bool HasNoBody(HttpContext http) =>
        http.Request.ContentLength == 0 || http.Features.Get<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: false };

    // Nothing is what a protobuf without fields looks like; of any other type it is no field at all.
    private TRequest ReadNothing(HttpContext http) => _bodyField is not null && MediaTypes.IsProtobuf(http.Request.ContentType)
        ? Parse(ReadOnlySequence<byte>.Empty, isProtobuf: true)
        : _codec.Read(ReadOnlySequence<byte>.Empty, isProtobuf: true);

    private async ValueTask<(TRequest, long)> ReadBodyAsync(HttpContext http, Func<CancellationToken> cancellationToken)
    {
        var type = http.Request.ContentType;
        var isProtobuf = MediaTypes.IsProtobuf(type);
        if (!isProtobuf && (!MediaTypes.IsJson(type) || _codec.Json is null))
        {
            throw HttpFailure.UnknownType(type);
        }
        try
        {
            return await RequestBody.ReadAsync(
                http, _method.FullName, SizeBounds.OfBody(_contract.MaxRequestBytes, isProtobuf), isProtobuf ? _parseProtobuf : _parseJson, cancellationToken);
        }
        catch (JsonFormatException error)
        {
            throw RpcErrors.InvalidArgument(error.Path, "FORMAT", error.Message);
        }
        catch (InvalidProtocolBufferException)
        {
            throw new RpcException(new Status(StatusCode.InvalidArgument, $"The body is no protobuf message of the type that {_method.FullName} takes."));
        }
    }

    private TRequest Parse(ReadOnlySequence<byte> body, bool isProtobuf)
    {
        if (_bodyField is null)
        {
            return _codec.Read(body, isProtobuf);
        }
        var request = _codec.Read(ReadOnlySequence<byte>.Empty, isProtobuf: true);
        if (isProtobuf)
        {
            var field = (_bodyField.Message ?? throw HttpFailure.UnknownType(MediaTypes.Protobuf)).NewMessage();
            field.MergeFrom(body);
            _bodyField.Descriptor.Accessor.SetValue((IMessage)request, field);
        }
        else
        {
            _bodyField.Merge(body, (IMessage)request);
        }
        return request;
    }

    private void ReadUrl(HttpContext http, TRequest request)
    {
        if (_codec.Json is not { } json)
        {
            // No path of its own, and no fields that a query could name.
            return;
        }
        var fields = new UrlFieldReader(json, (IMessage)request, _bodyField);
        try
        {
            var path = _pathFields.IsEmpty ? "" : RequestTarget.PathOf(http);
            for (var i = 0; i < _pathFields.Length; i++)
            {
                fields.SetInPath(_pathFields[i], _route.Path.ValueOf(_route.Path.Variables[i], name => http.Request.RouteValues[name] as string, path));
            }
            foreach (var (name, values) in http.Request.Query)
            {
                foreach (var value in values)
                {
                    if (_route.Body == "*")
                    {
                        throw new JsonFormatException(Excerpt.Of(name), "All fields are in the body here; there are no query parameters.");
                    }
                    fields.Set(name, value ?? "");
                }
            }
        }
        catch (JsonFormatException error)
        {
            throw RpcErrors.InvalidArgument(error.Path, "FORMAT", error.Message);
        }
    }

    private JsonMessage Described() =>
        _codec.Json ?? throw new FormatException($"{_method.FullName} has a google.api.http rule, and its request is no protobuf message.");
}
