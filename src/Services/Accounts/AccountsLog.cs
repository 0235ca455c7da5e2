using Microsoft.Extensions.Logging;

namespace Twite.Accounts;

/// <summary>What Accounts logs. No names that were typed, no passwords, no tokens, no addresses.</summary>
internal static partial class AccountsLog
{
    [LoggerMessage(1001, LogLevel.Information, "Account {AccountId} was created.")]
    public static partial void AccountCreated(this ILogger logger, long accountId);

    [LoggerMessage(1002, LogLevel.Information, "Somebody logged in to account {AccountId}.")]
    public static partial void LoggedIn(this ILogger logger, long accountId);

    [LoggerMessage(1003, LogLevel.Information, "A log-in to account {AccountId} failed: the password was wrong.")]
    public static partial void LogInFailed(this ILogger logger, long accountId);

    [LoggerMessage(1004, LogLevel.Information, "A log-in failed: there is no such name.")]
    public static partial void LogInToUnknown(this ILogger logger);

    [LoggerMessage(1005, LogLevel.Warning, "Refused to try more: too many failures {Kind}.")]
    public static partial void Throttled(this ILogger logger, string kind);

    [LoggerMessage(1006, LogLevel.Information, "The password of account {AccountId} was changed.")]
    public static partial void PasswordChanged(this ILogger logger, long accountId);

    [LoggerMessage(1007, LogLevel.Information, "An API token was made for account {AccountId} at the request of {Caller}.")]
    public static partial void TokenCreated(this ILogger logger, long accountId, string caller);

    [LoggerMessage(1008, LogLevel.Information, "Account {AccountId} was suspended: {Suspended}.")]
    public static partial void SuspensionSet(this ILogger logger, long accountId, bool suspended);

    [LoggerMessage(1009, LogLevel.Information, "Account {AccountId} was deleted.")]
    public static partial void AccountDeleted(this ILogger logger, long accountId);

    [LoggerMessage(1010, LogLevel.Information, "{Count} accounts were imported.")]
    public static partial void Imported(this ILogger logger, int count);

    [LoggerMessage(1011, LogLevel.Warning, "When sessions were last used, or which key is the newest, could not be seen to; it is tried again.")]
    public static partial void UpkeepFailed(this ILogger logger, Exception error);
}
