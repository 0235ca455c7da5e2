using System.Diagnostics.Metrics;
using Anywire.Diagnostics;
using Anywire.Messaging.Format;
using Microsoft.Extensions.Logging;

namespace Anywire.Messaging.Sealing;

/// <summary>Counts and logs messages that were refused before anybody acted on them.</summary>
internal sealed class RefusedMessages(string wire, string self, ILogger logger)
{
    private static readonly Meter Meter = new(AnywireDiagnostics.Name);

    private static readonly Counter<long> Counter =
        Meter.CreateCounter<long>("anywire.messages.refused", "{message}", "Messages refused because they were forged, replayed, meant for somebody else, not of the form, or not to be answered.");

    public void Count(RefusedMessageException refused)
    {
        logger.MessageRefused(self, refused.Message);
        Count(refused.Reason);
    }

    /// <summary>One was not taken because of what went wrong here. Whoever takes messages goes on: what it throws ends the subscription, or leaves the message unacknowledged.</summary>
    public void Count(Exception unexpected)
    {
        logger.MessageNotTaken(self, unexpected);
        Count("failed");
    }

    private void Count(string reason)
    {
        if (Counter.Enabled)
        {
            Counter.Add(1, new("anywire.wire", wire), new("reason", reason));
        }
    }
}
