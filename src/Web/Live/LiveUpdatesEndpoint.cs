using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Twite.Contracts;

namespace Twite.Web.Live;

/// <summary>Takes in what Notifications pushes.</summary>
internal sealed class LiveUpdatesEndpoint(Action<LiveUpdate> accept) : LiveUpdatesService.LiveUpdatesServiceBase
{
    private static readonly Task<Empty> Done = Task.FromResult(new Empty());

    public override Task<Empty> Push(LiveUpdate request, ServerCallContext context)
    {
        accept(request);
        return Done;
    }
}
