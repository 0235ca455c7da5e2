using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Twite.Contracts;

namespace Twite.Lab.Event;

/// <summary>Takes events of the real contract and notes them in memory.</summary>
internal sealed class EventsHandler(EventLedger ledger) : NotificationsService.NotificationsServiceBase
{
    private static readonly Task<Empty> Taken = Task.FromResult(new Empty());

    public override Task<Empty> OnMessagePosted(MessagePosted request, ServerCallContext context)
    {
        if (EventId.Parse(request.Header.Id) is { } id)
        {
            ledger.Note(id);
        }
        return Taken;
    }
}
