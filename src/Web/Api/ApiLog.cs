using Microsoft.Extensions.Logging;

namespace Twite.Web.Api;

internal static partial class ApiLog
{
    [LoggerMessage(5200, LogLevel.Error, "The public API failed on {Method} {Path}")]
    public static partial void RequestFailed(this ILogger logger, Exception exception, string method, string path);
}
