using Microsoft.Extensions.Logging;

namespace Anywire.Server;

internal static partial class ServerLog
{
    [LoggerMessage(7001, LogLevel.Error, "{Method} failed: the handler threw")]
    public static partial void HandlerFailed(this ILogger logger, Exception error, string method);

    [LoggerMessage(7002, LogLevel.Warning, "{Method} failed because {Dependency} answered {Status}: {Detail}")]
    public static partial void DependencyFailed(this ILogger logger, string method, string dependency, string status, string detail);

    [LoggerMessage(7003, LogLevel.Warning, "{Method} was refused: {Caller} is not among its allowed callers")]
    public static partial void CallerRefused(this ILogger logger, string method, string caller);

    [LoggerMessage(7004, LogLevel.Warning, "Stopped with {Calls} calls unfinished after {Timeout}")]
    public static partial void DrainTimedOut(this ILogger logger, int calls, TimeSpan timeout);

    [LoggerMessage(7005, LogLevel.Warning, "{Method} was refused: {Caller} acts for a person with an assertion, and {Problem}")]
    public static partial void AssertionRefused(this ILogger logger, string method, string caller, string problem);

    [LoggerMessage(7006, LogLevel.Information, "{Method} was refused to {Caller}: {Detail}")]
    public static partial void Denied(this ILogger logger, string method, string caller, string detail);

    [LoggerMessage(7007, LogLevel.Error, "A handler failed when it was told that its call was cancelled, or its time over")]
    public static partial void CancellationFailed(this ILogger logger, Exception error);
}
