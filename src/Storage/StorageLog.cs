using Microsoft.Extensions.Logging;

namespace Twite.Storage;

internal static partial class StorageLog
{
    [LoggerMessage(6001, LogLevel.Information, "Opened {Place}.")]
    public static partial void Opened(this ILogger logger, string place);

    [LoggerMessage(6002, LogLevel.Information, "Migrating {Database}: {Message}")]
    public static partial void Migrating(this ILogger logger, string database, string message);

    [LoggerMessage(6003, LogLevel.Error, "A commit of {Writes} writes to {Database} failed; none of them was stored.")]
    public static partial void CommitFailed(this ILogger logger, Exception error, string database, int writes);

    [LoggerMessage(6006, LogLevel.Error, "The connection broke during a commit of {Writes} writes to {Database}; whether they were stored is not known.")]
    public static partial void CommitUncertain(this ILogger logger, Exception error, string database, int writes);

    [LoggerMessage(6004, LogLevel.Error, "Something that runs after a commit to {Database} failed.")]
    public static partial void CallbackFailed(this ILogger logger, Exception error, string database);

    [LoggerMessage(6005, LogLevel.Warning,
        "The way to {Place} is not secured: whoever is on it can read and change everything. Add SSL Mode=VerifyFull to the connection string.")]
    public static partial void NotSecured(this ILogger logger, string place);

    [LoggerMessage(6010, LogLevel.Warning, "{Receiver} cannot be told of events of {Database} now ({Reason}); trying again in {Pause}.")]
    public static partial void ReceiverAway(this ILogger logger, string receiver, string database, string reason, TimeSpan pause);

    [LoggerMessage(6011, LogLevel.Information, "{Receiver} takes events of {Database} again.")]
    public static partial void ReceiverBack(this ILogger logger, string receiver, string database);

    [LoggerMessage(6012, LogLevel.Warning, "Event {EventId} ({Type}) was not handled by {Receiver} at attempt {Attempt}: {Reason}")]
    public static partial void EventFailed(this ILogger logger, string eventId, string type, string receiver, int attempt, string reason);

    [LoggerMessage(6013, LogLevel.Error, "Event {EventId} ({Type}) is parked, because {Receiver} refused it {Attempt} times: {Reason}")]
    public static partial void EventParked(this ILogger logger, string eventId, string type, string receiver, int attempt, string reason);

    [LoggerMessage(6015, LogLevel.Error, "Event {EventId} is parked, because its receiver has given it up: {Reason}.")]
    public static partial void EventGivenUp(this ILogger logger, string eventId, string reason);

    [LoggerMessage(6014, LogLevel.Error, "The outbox of {Database} could not be read or written; trying again.")]
    public static partial void RelayFailed(this ILogger logger, Exception error, string database);
}
