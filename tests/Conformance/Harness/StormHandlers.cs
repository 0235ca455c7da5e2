using Grpc.Core;

namespace Anywire.Conformance;

/// <summary>Handlers that do what a call of a storm asks for.</summary>
internal static class StormHandlers
{
    private static readonly TimeSpan Later = TimeSpan.FromMilliseconds(5);

    /// <param name="handlers">Where they are put.</param>
    /// <param name="onEvent">Told the number of each event that is handled.</param>
    public static void Give(Handlers handlers, Action<int> onEvent)
    {
        handlers.Unary = async (item, context) =>
        {
            await ActAsync(item, context);
            return item.Clone();
        };
        handlers.Event = async (item, context) =>
        {
            // A broker would bring it again and again, and then give it up.
            if (MannerOf(item) is StormManner.AnswersLater or StormManner.HoldsItsThread)
            {
                await ActAsync(item, context);
            }
            onEvent(item.Number);
        };
        handlers.ServerStream = async (item, writer, context) =>
        {
            for (var i = 0; i < StormCall.StreamLength; i++)
            {
                await writer.WriteAsync(new Item { Number = i, Body = item.Body }, context.CancellationToken);
            }
            await ActAsync(item, context);
        };
        handlers.ClientStream = async (reader, context) =>
        {
            var (count, last) = (0, new Item());
            for (; await reader.MoveNext(context.CancellationToken); count++)
            {
                last = reader.Current;
            }
            await ActAsync(last, context);
            return new Item { Number = count };
        };
        handlers.Duplex = async (reader, writer, context) =>
        {
            var last = new Item();
            while (await reader.MoveNext(context.CancellationToken))
            {
                last = reader.Current;
                await writer.WriteAsync(last.Clone(), context.CancellationToken);
            }
            await ActAsync(last, context);
        };
    }

    private static StormManner MannerOf(Item item) => Enum.Parse<StormManner>(item.Text);

    private static async Task ActAsync(Item item, ServerCallContext context)
    {
        switch (MannerOf(item))
        {
            case StormManner.AnswersLater:
                await Task.Delay(Later, TimeProvider.System, context.CancellationToken);
                break;
            case StormManner.HoldsItsThread:
                StormCall.HoldThread();
                break;
            case StormManner.Refuses:
                throw new RpcException(new Status(StatusCode.FailedPrecondition, "Not in this weather."));
            case StormManner.Fails:
                throw new InvalidOperationException("It fails.");
            case StormManner.WaitsUntilCancelled:
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.CancellationToken);
                break;
            default:
                break;
        }
    }
}
