using System.Globalization;
using Anywire.Http.Mapping;
using Google.Rpc;
using Grpc.Core;
using Microsoft.AspNetCore.Http;
using Status = Grpc.Core.Status;

namespace Anywire.Http.Server;

/// <summary>Answers with a problem, where nothing has been answered yet.</summary>
internal static class ProblemResponse
{
    public static Task WriteAsync(HttpContext http, Problems problems, RpcException error, Metadata? trailers) =>
        WriteAsync(http, problems, error.Status, Joined(trailers, error.Trailers), (error as HttpFailure)?.HttpStatus);

    public static async Task WriteAsync(HttpContext http, Problems problems, Status status, Metadata? trailers, int? httpStatus = null)
    {
        var response = http.Response;
        response.StatusCode = httpStatus ?? HttpStatus.Of(status.StatusCode);
        response.ContentType = MediaTypes.Problem;
        ResponseHead.AddTrailers(response, trailers);
        if (WaitIn(trailers) is { } wait)
        {
            response.Headers.RetryAfter = Math.Max(1, Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        }
        if (response.StatusCode == StatusCodes.Status401Unauthorized)
        {
            // RFC 9110 wants a challenge: who the call acts for is proved by metadata, which is a header here.
            response.Headers.WWWAuthenticate = "anywire-user";
        }
        using var body = new PooledBuffer(512);
        problems.Write(body, response.StatusCode, status, trailers);
        response.ContentLength = body.Length;
        if (!HttpMethods.IsHead(http.Request.Method))
        {
            await response.BodyWriter.WriteAsync(body.Memory, http.RequestAborted);
        }
    }

    private static TimeSpan? WaitIn(Metadata? trailers) =>
        Problems.DetailsIn(trailers)?.FirstOrDefault(d => d.Is(RetryInfo.Descriptor))?.Unpack<RetryInfo>().RetryDelay?.ToTimeSpan();

    private static Metadata? Joined(Metadata? first, Metadata second)
    {
        if (first is null || first.Count == 0 || second.Count == 0)
        {
            return first is { Count: > 0 } ? first : second;
        }
        var both = new Metadata();
        foreach (var entry in first.Concat(second))
        {
            both.Add(entry);
        }
        return both;
    }
}
