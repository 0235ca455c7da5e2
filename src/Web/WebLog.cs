using Microsoft.Extensions.Logging;

namespace Twite.Web;

internal static partial class WebLog
{
    [LoggerMessage(5000, LogLevel.Information, "The front end listens on {Urls}.")]
    public static partial void Listening(ILogger logger, string urls);

    [LoggerMessage(5001, LogLevel.Warning,
        "The front end listens on {Urls} without https, so that whoever is on the network between can take over sessions. "
        + "Serve it by https, or behind a proxy that does (and say so with SecureCookies).")]
    public static partial void PlainHttp(ILogger logger, string urls);

    [LoggerMessage(5002, LogLevel.Error, "{Method} {Path} failed.")]
    public static partial void RequestFailed(ILogger logger, Exception error, string method, string path);

    [LoggerMessage(5003, LogLevel.Warning, "{Method} {Path}: {Service} did not answer: {Reason}")]
    public static partial void ServiceAway(ILogger logger, string method, string path, string service, string reason);
}
