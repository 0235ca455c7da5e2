using Microsoft.Extensions.Logging;

namespace Twite;

/// <summary>What the program itself logs: events 8000 to 8099.</summary>
internal static partial class ProgramLog
{
    [LoggerMessage(8000, LogLevel.Information, "{Service} listens at {Endpoint}")]
    public static partial void Listening(ILogger logger, string service, string endpoint);

    [LoggerMessage(8001, LogLevel.Information, "Stopping {Service}: what was accepted is answered first")]
    public static partial void Stopping(ILogger logger, string service);

    [LoggerMessage(8002, LogLevel.Information, "Stopped")]
    public static partial void Stopped(ILogger logger);

    [LoggerMessage(8003, LogLevel.Debug, "The command failed")]
    public static partial void Failed(ILogger logger, Exception error);

    [LoggerMessage(8004, LogLevel.Warning, "{Service} waits for its broker: {Reason}")]
    public static partial void WaitsForBroker(ILogger logger, string service, string reason);

    [LoggerMessage(8005, LogLevel.Warning, "The certificate of {Service} expires on {Until:yyyy-MM-dd}: renew it with twite keys, then restart {Service}")]
    public static partial void CertificateExpires(ILogger logger, string service, DateTimeOffset until);
}
