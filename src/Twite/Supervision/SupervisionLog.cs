using Microsoft.Extensions.Logging;

namespace Twite.Supervision;

/// <summary>What is logged of supervised processes: events 8020 to 8039.</summary>
internal static partial class SupervisionLog
{
    [LoggerMessage(8020, LogLevel.Information, "{Service} starts as process {Process}")]
    public static partial void Started(ILogger logger, string service, int process);

    [LoggerMessage(8021, LogLevel.Information, "{Service} is ready")]
    public static partial void IsReady(ILogger logger, string service);

    [LoggerMessage(8022, LogLevel.Warning, "{Service} does its work, {Reason}")]
    public static partial void IsDegraded(ILogger logger, string service, string? reason);

    [LoggerMessage(8023, LogLevel.Warning, "{Service} is not ready: {Reason}")]
    public static partial void IsNotReady(ILogger logger, string service, string? reason);

    [LoggerMessage(8024, LogLevel.Information, "{Service} was stopped by somebody and starts again")]
    public static partial void EndedInOrder(ILogger logger, string service);

    [LoggerMessage(8025, LogLevel.Error, "{Service} {How}; it starts again in {Pause}")]
    public static partial void Crashed(ILogger logger, string service, string how, TimeSpan pause);

    [LoggerMessage(8026, LogLevel.Error, "{Service} has not stopped within {Timeout} and is ended by force")]
    public static partial void EndedByForce(ILogger logger, string service, TimeSpan timeout);

    [LoggerMessage(8027, LogLevel.Information, "Stopping: {Services}")]
    public static partial void Stopping(ILogger logger, string services);

    [LoggerMessage(8029, LogLevel.Error, "{Service} has said nothing for {Silence} and is ended by force, since it hangs")]
    public static partial void Hangs(ILogger logger, string service, TimeSpan silence);

    [LoggerMessage(8028, LogLevel.Warning, "Still waiting for {Services}")]
    public static partial void Waiting(ILogger logger, string services);

    [LoggerMessage(8030, LogLevel.Warning, "There is no {Broker} now. Services start and wait for it: start it, or let twite up --with-broker do so")]
    public static partial void NoBroker(ILogger logger, string broker);

    [LoggerMessage(8031, LogLevel.Warning, "The certificate of {Service} expires on {Until:yyyy-MM-dd} and is not renewed, since the authority is elsewhere: twite keys --dir {Folder} --authority DIR renews it")]
    public static partial void NotRenewed(ILogger logger, string service, DateTimeOffset until, string folder);
}
