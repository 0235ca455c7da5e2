using Microsoft.Extensions.Logging;
using Twite.Contracts;

namespace Twite.Notifications;

/// <summary>The log of Notifications, events 4000 to 4999.</summary>
internal static partial class NotificationsLog
{
    [LoggerMessage(4000, LogLevel.Information, "Front end {Instance} gets live updates at {Address}, epoch {Epoch}")]
    public static partial void LeaseBegan(this ILogger logger, string instance, string address, long epoch);

    [LoggerMessage(4001, LogLevel.Information, "Front end {Instance} at {Address} has not renewed its lease and gets no more live updates")]
    public static partial void LeaseLapsed(this ILogger logger, string instance, string address);

    [LoggerMessage(4002, LogLevel.Warning, "The lease of front end {Instance} names {Address}, which cannot be reached any more: {Reason}")]
    public static partial void LeaseUnusable(this ILogger logger, string instance, string address, string reason);

    [LoggerMessage(4003, LogLevel.Information, "Account {Account} is {State} now")]
    public static partial void AccountClosed(this ILogger logger, long account, AccountState state);

    [LoggerMessage(4004, LogLevel.Warning, "{Sender} could not be told that its events were handled: {Reason}. It is tried again")]
    public static partial void ConfirmFailed(this ILogger logger, string sender, string reason);

    [LoggerMessage(4005, LogLevel.Error, "Live updates stumbled in a way that should not happen; they go on")]
    public static partial void TickFailed(this ILogger logger, Exception exception);

    [LoggerMessage(4007, LogLevel.Warning, "The front ends that are to be told cannot be read or forgotten now: {Reason}")]
    public static partial void LeasesUnknown(this ILogger logger, string reason);

    [LoggerMessage(4006, LogLevel.Debug, "A live update could not be sent to front end {Instance}: {Reason}")]
    public static partial void PushFailed(this ILogger logger, string instance, string reason);
}
