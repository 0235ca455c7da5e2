using Grpc.Core;

namespace Anywire.Http.Mapping;

/// <summary>gRPC's status codes as HTTP's, by the table in <c>google/rpc/code.proto</c>, and back.</summary>
internal static class HttpStatus
{
    /// <summary>"Client closed request": what nginx calls it, and <c>google.rpc</c> after it.</summary>
    private const int ClientClosedRequest = 499;

    public static int Of(StatusCode code) => code switch
    {
        StatusCode.OK => 200,
        StatusCode.Cancelled => ClientClosedRequest,
        StatusCode.InvalidArgument or StatusCode.FailedPrecondition or StatusCode.OutOfRange => 400,
        StatusCode.DeadlineExceeded => 504,
        StatusCode.NotFound => 404,
        StatusCode.AlreadyExists or StatusCode.Aborted => 409,
        StatusCode.PermissionDenied => 403,
        StatusCode.Unauthenticated => 401,
        StatusCode.ResourceExhausted => 429,
        StatusCode.Unimplemented => 501,
        StatusCode.Unavailable => 503,
        _ => 500,
    };

    /// <summary>What an answer means that did not come from a service: a proxy's, say. As gRPC has it (http-grpc-status-mapping.md).</summary>
    public static StatusCode Foreign(int status) => status switch
    {
        400 => StatusCode.Internal,
        401 => StatusCode.Unauthenticated,
        403 => StatusCode.PermissionDenied,
        404 => StatusCode.Unimplemented,
        429 or 502 or 503 or 504 => StatusCode.Unavailable,
        _ => StatusCode.Unknown,
    };

    /// <summary>The code of a name; null when there is none.</summary>
    public static StatusCode? CodeOf(string? name) =>
        name is null ? null
        : Enum.GetValues<StatusCode>().Cast<StatusCode?>().FirstOrDefault(c => StatusCodeName.Of(c!.Value) == name)
            ?? (int.TryParse(name, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var number) ? (StatusCode)number : null);

    /// <summary>The sentence of a status for people: what <c>title</c> is in a problem.</summary>
    public static string TitleOf(int status) =>
        status == ClientClosedRequest ? "Client Closed Request" : Microsoft.AspNetCore.WebUtilities.ReasonPhrases.GetReasonPhrase(status);
}
