using System.Globalization;
using System.Text.Json;
using Google.Rpc;
using Grpc.Core;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Twite.Web.Api.Entities;
using Twite.Web.Errors;

namespace Twite.Web.Api;

/// <summary>Turns every failure into <c>{"error": …}</c> with the right status. The one place where gRPC's codes become HTTP's.</summary>
internal static class ApiErrors
{
    /// <summary>Answers a failed request. When the answer has begun already the connection is cut instead.</summary>
    public static Task WriteAsync(HttpContext http, Exception error, ILogger logger)
    {
        var answer = Of(error);
        if (answer.Status == StatusCodes.Status500InternalServerError)
        {
            logger.RequestFailed(error, http.Request.Method, http.Request.Path);
        }
        if (http.Response.HasStarted)
        {
            http.Abort();
            return Task.CompletedTask;
        }
        var response = http.Response;
        if (answer.Status == StatusCodes.Status401Unauthorized)
        {
            response.Headers.WWWAuthenticate = "Bearer realm=\"Twite\"";
        }
        if (answer.RetryAfter is { } wait)
        {
            response.Headers.RetryAfter = Math.Max(1, Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        }
        return ApiCall.WriteAsync(http, new ErrorEntity(answer.Message), ApiJson.Plain.ErrorEntity, answer.Status);
    }

    /// <summary>What a caller is told of a failure.</summary>
    public static ApiException Of(Exception error) => error switch
    {
        ApiException meant => meant,
        RpcException rpc => Of(rpc),
        BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge } => new(413, "The request is too large."),
        BadHttpRequestException bad => new(bad.StatusCode, "The request cannot be read."),
        JsonException => new(400, "The body is not valid JSON."),
        // What a form reader throws for a form with too many or too long parts, or a broken one.
        InvalidDataException => new(400, "The form cannot be read."),
        _ => new(500, "Something went wrong on our side. It was written down; try again later."),
    };

    private static ApiException Of(RpcException error) => error.StatusCode switch
    {
        StatusCode.Unauthenticated => ApiException.InvalidToken(),
        StatusCode.PermissionDenied => new(403, error.Status.Detail),
        StatusCode.NotFound => ApiException.NotFound(),
        StatusCode.InvalidArgument or StatusCode.FailedPrecondition or StatusCode.AlreadyExists or StatusCode.OutOfRange =>
            ApiException.Unprocessable(error.Status.Detail),
        StatusCode.ResourceExhausted when error.GetRpcStatus()?.GetDetail<RetryInfo>()?.RetryDelay?.ToTimeSpan() is { } wait =>
            new(429, error.Status.Detail, wait),
        StatusCode.ResourceExhausted => new(503, "There is more to do right now than can be done.", TimeSpan.FromSeconds(5)),
        StatusCode.DeadlineExceeded => new(504, $"{Problem.Missing(error)} What was asked for may or may not have been done."),
        StatusCode.Unavailable or StatusCode.Cancelled => new(503, Problem.Missing(error), TimeSpan.FromSeconds(5)),
        _ => new(500, "Something went wrong on our side. It was written down; try again later."),
    };
}
