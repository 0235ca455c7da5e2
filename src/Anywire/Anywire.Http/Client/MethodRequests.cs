using System.Collections.Immutable;
using System.Net.Http.Headers;
using System.Text;
using Anywire.Http.Json;
using Anywire.Http.Json.Text;
using Anywire.Http.Mapping;
using Google.Protobuf;
using Grpc.Core;

namespace Anywire.Http.Client;

/// <summary>Turns a method's requests into HTTP's: the first of its routes where the request fits it, <c>POST /package.Service/Method</c> where it
/// does not (an empty field in the path, a query that would be too long). Any thread may use it.</summary>
internal sealed class MethodRequests<TRequest>
    where TRequest : class
{
    // Servers and proxies take lines of 8 KiB; this leaves room.
    private const int MaxTargetLength = 4_000;

    private static readonly UriCreationOptions AsItIs = new() { DangerousDisablePathAndQueryCanonicalization = true };

    private readonly string _method;
    private readonly Codec<TRequest> _codec;
    private readonly RestRoute? _route;
    private readonly ImmutableArray<FieldPath> _pathFields = [];
    private readonly JsonMessage? _query;
    private readonly HashSet<string> _elsewhere = new(StringComparer.Ordinal);
    private readonly JsonField? _bodyField;
    private readonly bool _isProtobuf;
    private readonly string _origin;
    private readonly HttpMethod _verb;
    private readonly Uri? _fixedTarget;
    private readonly Uri _defaultTarget;
    private readonly MediaTypeHeaderValue _contentType;

    /// <param name="method">The method.</param>
    /// <param name="codec">Writes its requests.</param>
    /// <param name="routes">Its routes; none is well.</param>
    /// <param name="origin">Scheme and authority, without a slash at the end.</param>
    /// <param name="isProtobuf">What bodies are.</param>
    public MethodRequests(IMethod method, Codec<TRequest> codec, ImmutableArray<RestRoute> routes, string origin, bool isProtobuf)
    {
        (_method, _codec, _origin) = (method.FullName, codec, origin);
        _isProtobuf = isProtobuf || codec.Json is null;
        _contentType = new MediaTypeHeaderValue(_isProtobuf ? MediaTypes.Protobuf : MediaTypes.Json);
        _defaultTarget = ToUri(method.FullName);
        _verb = HttpMethod.Post;
        if (routes.FirstOrDefault() is not { ResponseBody: "" } route || codec.Json is not { } json)
        {
            return;
        }
        _pathFields = RouteFields.Of(method, route.Path, json);
        _verb = HttpMethod.Parse(route.Verb);
        if (route.Body == "*")
        {
            _fixedTarget = _pathFields.IsEmpty && route.Path.Expand([]) is { } path ? ToUri(path) : null;
        }
        else
        {
            _bodyField = route.Body.Length == 0
                ? null
                : json.Field(route.Body) ?? throw new FormatException($"{method.FullName} has no field \"{route.Body}\" to be its body.");
            _query = json;
            _elsewhere.UnionWith(_pathFields.Select(f => f.Name));
            if (_bodyField is not null)
            {
                _elsewhere.Add(_bodyField.Descriptor.JsonName);
            }
        }
        _route = route;
    }

    /// <summary>Makes the HTTP request. The body is in memory: it can be sent again.</summary>
    /// <exception cref="JsonFormatException">The request has no form in JSON.</exception>
    public HttpRequestMessage Create(TRequest request)
    {
        if (_route is null)
        {
            return WithBody(HttpMethod.Post, _defaultTarget, request);
        }
        if (_fixedTarget is not null)
        {
            return WithBody(_verb, _fixedTarget, request);
        }
        var values = new string?[_pathFields.Length];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = _pathFields[i].Text((IMessage)request);
        }
        if (_route.Path.Expand(values) is not { } path)
        {
            return WithBody(HttpMethod.Post, _defaultTarget, request);
        }
        if (_query is null)
        {
            return path.Length <= MaxTargetLength ? WithBody(_verb, ToUri(path), request) : WithBody(HttpMethod.Post, _defaultTarget, request);
        }
        var body = _bodyField is null ? default(ReadOnlyMemory<byte>?) : WriteField((IMessage)request);
        if ((_bodyField is not null && body is null) || WithQuery(path, (IMessage)request) is not { } target)
        {
            return WithBody(HttpMethod.Post, _defaultTarget, request);
        }
        return new MethodRequest(_verb, ToUri(target), _method) { Content = body is { } bytes ? Content(bytes) : null };
    }

    private string? WithQuery(string path, IMessage request)
    {
        List<KeyValuePair<string, string>> parameters;
        try
        {
            parameters = UrlFieldWriter.Parameters(_query!, request, _elsewhere.Contains);
        }
        catch (JsonFormatException)
        {
            // Something is set that fits in no query.
            return null;
        }
        var target = new StringBuilder(path);
        foreach (var (name, value) in parameters)
        {
            target.Append(target.Length == path.Length ? '?' : '&').Append(name).Append('=').Append(Uri.EscapeDataString(value));
        }
        return target.Length <= MaxTargetLength ? target.ToString() : null;
    }

    private HttpRequestMessage WithBody(HttpMethod verb, Uri target, TRequest request) =>
        new MethodRequest(verb, target, _method) { Content = Content(WriteWhole(request)) };

    private ReadOnlyMemory<byte> WriteWhole(TRequest request)
    {
        if (_isProtobuf && request is IMessage message)
        {
            return message.ToByteArray();
        }
        using var buffer = new PooledBuffer(512);
        _codec.Write(buffer, request, _isProtobuf);
        return buffer.Memory.ToArray();
    }

    // Null when it cannot be a body: in protobuf only a message can, and one that is not set would arrive as one without fields.
    private ReadOnlyMemory<byte>? WriteField(IMessage request)
    {
        if (_isProtobuf)
        {
            return _bodyField!.Descriptor.Accessor.GetValue(request) is IMessage field ? field.ToByteArray() : default(ReadOnlyMemory<byte>?);
        }
        using var buffer = new PooledBuffer(512);
        _bodyField!.WriteValue(buffer, request);
        return buffer.Memory.ToArray();
    }

    private ReadOnlyMemoryContent Content(ReadOnlyMemory<byte> body) => new(body) { Headers = { ContentType = _contentType } };

    private Uri ToUri(string target) => new(_origin + target, AsItIs);
}
