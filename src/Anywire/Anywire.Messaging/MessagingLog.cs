using Microsoft.Extensions.Logging;

namespace Anywire.Messaging;

/// <summary>The log of calls over brokers, events 7300 to 7349.</summary>
internal static partial class MessagingLog
{
    [LoggerMessage(7301, LogLevel.Warning, "A message to {Service} was refused. {Problem}")]
    public static partial void MessageRefused(this ILogger logger, string service, string problem);

    [LoggerMessage(7302, LogLevel.Warning, "The answer to a call of {Method} could not be sent: {Reason}")]
    public static partial void ReplyLost(this ILogger logger, string method, string reason);

    [LoggerMessage(7303, LogLevel.Error, "A message of {Sender} to {Method} went to the dead letters: {Reason}")]
    public static partial void DeadLettered(this ILogger logger, string sender, string method, string reason);

    [LoggerMessage(7304, LogLevel.Warning, "A message of {Sender} to {Method} could not be handled and is tried again in {Pause}: {Reason}")]
    public static partial void HandledLater(this ILogger logger, string sender, string method, TimeSpan pause, string reason);

    [LoggerMessage(7305, LogLevel.Warning, "The broker has ended the channel by which {Service} takes {What}. It is opened again. {Reason}.")]
    public static partial void ChannelLost(this ILogger logger, string service, string what, string reason);

    [LoggerMessage(7306, LogLevel.Information, "{Service} takes {What} from the broker again.")]
    public static partial void ChannelOpenedAgain(this ILogger logger, string service, string what);

    [LoggerMessage(7307, LogLevel.Warning, "The channel by which {Service} takes {What} could not be opened again, and is tried until it can. {Reason}.")]
    public static partial void ChannelNotOpened(this ILogger logger, string service, string what, string reason);

    [LoggerMessage(7308, LogLevel.Error, "A message to {Service} could not be taken, and is not answered.")]
    public static partial void MessageNotTaken(this ILogger logger, string service, Exception error);
}
