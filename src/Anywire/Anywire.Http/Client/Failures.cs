using Anywire.Http.Mapping;
using Anywire.HttpConnections.Client;
using Grpc.Core;

namespace Anywire.Http.Client;

/// <summary>What a call fails with when its HTTP exchange does. Any thread may use it.</summary>
internal sealed class Failures(string service, Problems problems)
{
    // A sentence and its details; not more than that.
    private const int MaxProblemBytes = 64 * 1024;

    /// <summary>From an answer that is no success.</summary>
    public async Task<RpcException> OfAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var trailers = ResponseMetadata.Trailers(response);
        if (MediaTypes.Is(response.Content.Headers.ContentType?.MediaType, MediaTypes.Problem))
        {
            using var body = await ResponseBody.ReadAsync(response, MaxProblemBytes, cancellationToken);
            if (body is not null && problems.Read(body.Sequence, trailers) is { } status)
            {
                return new RpcException(status, trailers);
            }
        }
        return Foreign((int)response.StatusCode, trailers);
    }

    /// <summary>From a success that cannot be read.</summary>
    public RpcException Unreadable(string why) => new(new Status(StatusCode.Internal, $"The answer of {service} cannot be read: {why}"));

    /// <summary>From what the HTTP client threw.</summary>
    public RpcException Of(Exception error, CallLifetime lifetime) => error switch
    {
        RpcException known => known,
        _ when lifetime.Token.IsCancellationRequested => new RpcException(lifetime.EarlyEnd),
        Json.JsonFormatException => Unreadable(error.Message),
        Google.Protobuf.InvalidProtocolBufferException => Unreadable("it is no protobuf message of the method's type."),
        HttpRequestException or IOException when Address.IsLost(error) => new RpcException(new Status(
            StatusCode.Unavailable, $"The connection to {service} was lost before it answered.", error)),
        HttpRequestException or IOException => new RpcException(new Status(
            StatusCode.Unavailable, $"The exchange with {service} was broken off.", error)),
        _ => new RpcException(new Status(StatusCode.Internal, $"The call of {service} failed within its caller.", error)),
    };

    private RpcException Foreign(int status, Metadata trailers) => new(
        new Status(HttpStatus.Foreign(status), $"{service} did not answer as a service does, but with HTTP status {status}; perhaps a proxy did in its place."), trailers);
}
