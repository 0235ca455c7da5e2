using Grpc.Core;
using Microsoft.Extensions.Logging;

namespace Twite.Web.Live;

/// <summary>The live feed's log, events 5100 to 5199.</summary>
internal static partial class LiveLog
{
    /// <summary>Why a call failed, as it stands within a sentence.</summary>
    public static string Reason(RpcException error) => error.Status.Detail.TrimEnd('.');

    [LoggerMessage(5100, LogLevel.Information, "Live updates come to {Address}; epoch {Epoch}")]
    public static partial void EpochBegan(this ILogger logger, string address, long epoch);

    [LoggerMessage(5101, LogLevel.Warning, "Notifications cannot be reached for live updates: {Reason}. Changes are read from Messages until it answers")]
    public static partial void LeaseFailed(this ILogger logger, string reason);

    [LoggerMessage(5102, LogLevel.Information, "Notifications answers again")]
    public static partial void LeaseRecovered(this ILogger logger);

    [LoggerMessage(5103, LogLevel.Warning, "The changes after {Mark} could not be read: {Reason}. Live streams wait")]
    public static partial void ReadFailed(this ILogger logger, long? mark, string reason);

    [LoggerMessage(5104, LogLevel.Information, "Changes can be read again")]
    public static partial void ReadRecovered(this ILogger logger);

    [LoggerMessage(5105, LogLevel.Warning, "A change could not be rendered; its streams read it again in a moment")]
    public static partial void RenderFailed(this ILogger logger, Exception exception);

    [LoggerMessage(5106, LogLevel.Debug, "A stream could not read what it missed: {Reason}. It tries again")]
    public static partial void CatchUpFailed(this ILogger logger, string reason);

    [LoggerMessage(5107, LogLevel.Warning, "Whom {Account} follows could not be read: {Reason}. It is tried again")]
    public static partial void FollowsFailed(this ILogger logger, long account, string reason);

    [LoggerMessage(5108, LogLevel.Error, "The live feed failed in a way that should not happen; it goes on")]
    public static partial void FeedFailed(this ILogger logger, Exception exception);

    [LoggerMessage(5109, LogLevel.Error, "Change {Id} cannot be rendered and is left out of the live streams")]
    public static partial void EventLeftOut(this ILogger logger, long id, Exception exception);

    [LoggerMessage(5110, LogLevel.Warning, "Whether the accounts of live streams are closed could not be looked up: {Reason}. It is tried again")]
    public static partial void AccountsFailed(this ILogger logger, string reason);
}
