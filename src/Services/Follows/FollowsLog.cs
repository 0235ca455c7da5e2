using Microsoft.Extensions.Logging;
using Twite.Contracts;

namespace Twite.Follows;

/// <summary>What Follows logs.</summary>
internal static partial class FollowsLog
{
    [LoggerMessage(3001, LogLevel.Information, "{Count} follows were imported.")]
    public static partial void Imported(this ILogger logger, int count);

    [LoggerMessage(3002, LogLevel.Information, "Account {AccountId} is now {State}.")]
    public static partial void AccountClosed(this ILogger logger, long accountId, AccountState state);

    [LoggerMessage(3003, LogLevel.Warning, "That event {EventId} was given up could not be noted for Accounts: {Reason}. It comes again, since Accounts does not know.")]
    public static partial void WordNotLeft(this ILogger logger, string eventId, string reason);
}
