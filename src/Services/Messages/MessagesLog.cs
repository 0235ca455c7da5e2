using Microsoft.Extensions.Logging;

namespace Twite.Messages;

internal static partial class MessagesLog
{
    [LoggerMessage(2001, LogLevel.Information, "{Count} recent messages are in memory, loaded in {Elapsed}.")]
    public static partial void Loaded(this ILogger logger, int count, TimeSpan elapsed);

    [LoggerMessage(2002, LogLevel.Information, "Account {AccountId} is {State} now.")]
    public static partial void AccountState(this ILogger logger, long accountId, string state);

    [LoggerMessage(2003, LogLevel.Information, "Removed the {Count} messages of deleted account {AccountId}.")]
    public static partial void Purged(this ILogger logger, long count, long accountId);

    [LoggerMessage(2004, LogLevel.Error, "Tidying up failed; it is tried again.")]
    public static partial void HousekeepingFailed(this ILogger logger, Exception error);

    [LoggerMessage(2005, LogLevel.Warning, "That event {EventId} was given up could not be noted for Accounts: {Reason}. It comes again, since Accounts does not know.")]
    public static partial void WordNotLeft(this ILogger logger, string eventId, string reason);
}
