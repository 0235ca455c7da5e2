using Microsoft.Extensions.Logging;

namespace Anywire.Messaging;

/// <summary>The log of calls over brokers, events 7300 to 7349.</summary>
internal static partial class MessagingLog
{
    [LoggerMessage(7300, LogLevel.Warning, "An answer of {Service} was refused: {Problem}")]
    public static partial void ReplyRefused(this ILogger logger, string service, string problem);

    [LoggerMessage(7301, LogLevel.Warning, "A message was refused: {Problem}")]
    public static partial void MessageRefused(this ILogger logger, string problem);

    [LoggerMessage(7302, LogLevel.Warning, "The answer to a call of {Method} could not be sent: {Reason}")]
    public static partial void ReplyLost(this ILogger logger, string method, string reason);
}
