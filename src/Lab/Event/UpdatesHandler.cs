using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Twite.Contracts;

namespace Twite.Lab.Event;

/// <summary>Takes live updates of the real contract and notes them in memory.</summary>
internal sealed class UpdatesHandler(EventLedger ledger) : LiveUpdatesService.LiveUpdatesServiceBase
{
    private static readonly Task<Empty> Taken = Task.FromResult(new Empty());

    public override Task<Empty> Push(LiveUpdate request, ServerCallContext context)
    {
        ledger.Note(new EventId((int)request.Epoch, request.Number, request.Sender));
        return Taken;
    }
}
