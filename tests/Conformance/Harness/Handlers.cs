using Google.Protobuf.WellKnownTypes;
using Grpc.Core;

namespace Anywire.Conformance;

/// <summary>A handler of each kind; a case sets the one it calls. What is not set echoes.</summary>
public sealed class Handlers
{
    public Func<Item, ServerCallContext, Task<Item>> Unary { get; set; } = static (item, _) => Task.FromResult(item.Clone());

    public Func<Item, IServerStreamWriter<Item>, ServerCallContext, Task> ServerStream { get; set; } = static (item, writer, _) => writer.WriteAsync(item.Clone());

    public Func<IAsyncStreamReader<Item>, ServerCallContext, Task<Item>> ClientStream { get; set; } = static async (reader, context) =>
    {
        var count = 0;
        while (await reader.MoveNext(context.CancellationToken))
        {
            count++;
        }
        return new Item { Number = count };
    };

    public Func<IAsyncStreamReader<Item>, IServerStreamWriter<Item>, ServerCallContext, Task> Duplex { get; set; } = static async (reader, writer, context) =>
    {
        while (await reader.MoveNext(context.CancellationToken))
        {
            await writer.WriteAsync(reader.Current.Clone());
        }
    };

    /// <summary>What <c>AtLeastOnce</c> and <c>BestEffort</c> do.</summary>
    public Func<Item, ServerCallContext, Task> Event { get; set; } = static (_, _) => Task.CompletedTask;
}

/// <summary>Every method of a kind runs the same handler: what differs is the contract.</summary>
internal sealed class CallsService(Handlers handlers) : Calls.CallsBase
{
    public override Task<Item> Unary(Item request, ServerCallContext context) => handlers.Unary(request, context);

    public override Task<Item> Idempotent(Item request, ServerCallContext context) => handlers.Unary(request, context);

    public override Task<Item> Brief(Item request, ServerCallContext context) => handlers.Unary(request, context);

    public override Task<Item> Small(Item request, ServerCallContext context) => handlers.Unary(request, context);

    public override Task<Item> Restricted(Item request, ServerCallContext context) => handlers.Unary(request, context);

    public override Task ServerStream(Item request, IServerStreamWriter<Item> responseStream, ServerCallContext context) =>
        handlers.ServerStream(request, responseStream, context);

    public override Task SmallServerStream(Item request, IServerStreamWriter<Item> responseStream, ServerCallContext context) =>
        handlers.ServerStream(request, responseStream, context);

    public override Task RestrictedStream(Item request, IServerStreamWriter<Item> responseStream, ServerCallContext context) =>
        handlers.ServerStream(request, responseStream, context);

    public override Task<Item> ClientStream(IAsyncStreamReader<Item> requestStream, ServerCallContext context) => handlers.ClientStream(requestStream, context);

    public override Task<Item> SmallClientStream(IAsyncStreamReader<Item> requestStream, ServerCallContext context) => handlers.ClientStream(requestStream, context);

    public override Task Duplex(IAsyncStreamReader<Item> requestStream, IServerStreamWriter<Item> responseStream, ServerCallContext context) =>
        handlers.Duplex(requestStream, responseStream, context);

    public override Task<Empty> AtLeastOnce(Item request, ServerCallContext context) => HandleAsync(request, context);

    public override Task<Empty> BestEffort(Item request, ServerCallContext context) => HandleAsync(request, context);

    private async Task<Empty> HandleAsync(Item request, ServerCallContext context)
    {
        await handlers.Event(request, context);
        return new Empty();
    }
}

/// <summary>The service whose contract says nothing.</summary>
internal sealed class PlainService(Handlers handlers) : Plain.PlainBase
{
    public override Task<Item> Ask(Item request, ServerCallContext context) => handlers.Unary(request, context);

    public override Task Watch(Item request, IServerStreamWriter<Item> responseStream, ServerCallContext context) =>
        handlers.ServerStream(request, responseStream, context);
}
