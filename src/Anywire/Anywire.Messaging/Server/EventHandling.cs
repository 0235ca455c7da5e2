using System.Collections.Frozen;
using System.Diagnostics.Metrics;
using Anywire.Diagnostics;
using Anywire.Messaging.Format;
using Anywire.Messaging.Sealing;
using Grpc.Core;
using Microsoft.Extensions.Logging;

namespace Anywire.Messaging.Server;

/// <summary>Handles at-least-once calls, each until it was handled or never will be. Who cannot handle one now tries again, with growing pauses, while the
/// broker keeps the message as being worked on. Any thread may use it.</summary>
internal sealed class EventHandling(
    string self, string wire, FrozenDictionary<string, MethodHandler> methods, Seals? seals, RefusedMessages refusals, TransportServerOptions options, ILogger logger)
{
    /// <summary>How often the broker may deliver one whose handling never ended, because whoever had it died.</summary>
    public const int MostDeliveries = 5;

    /// <summary>How long one is tried before it lets others go first, and another instance take it: those before it may wait for what is away, and those behind it not. RabbitMQ
    /// closes the channel of whoever keeps one for half an hour.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private const int MostFinalFailures = 5;
    private const int MostReason = 2_000;

    private static readonly Meter Meter = new(AnywireDiagnostics.Name);

    private static readonly Counter<long> Redelivered =
        Meter.CreateCounter<long>("anywire.events.redelivered", "{message}", "Events that a broker has delivered again.");

    private static readonly Counter<long> GivenUp = Meter.CreateCounter<long>("anywire.events.dead", "{message}", "Events that went to the dead letters.");

    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    /// <summary>Handles one.</summary>
    /// <param name="message">The message; read until the task completes.</param>
    /// <param name="deliveries">How often the broker has delivered it before to somebody who has not said what became of it.</param>
    /// <param name="stopping">This instance stops.</param>
    public async Task<EventEnd> HandleAsync(ReadOnlyMemory<byte> message, long deliveries, CancellationToken stopping)
    {
        if (deliveries > 0)
        {
            Redelivered.Add(1, new("anywire.wire", wire), new("anywire.service", self));
        }
        MessageReader request;
        RequestHead head;
        try
        {
            request = new MessageReader(message);
            request.Open(self, seals);
            if (request.Kind != MessageKind.Event)
            {
                throw new RefusedMessageException("misdirected", $"It is of kind {request.Kind}, and no event.");
            }
            head = RequestHead.Read(request);
        }
        catch (RefusedMessageException refused)
        {
            refusals.Count(refused);
            // Whatever it says of itself is not believed.
            return EventEnd.Dead(new DeadLetter("", "", "", refused.Message));
        }
        catch (Exception unexpected)
        {
            // It would come again and again, and lie in the queue for ever.
            refusals.Count(unexpected);
            return EventEnd.Dead(new DeadLetter("", "", "", $"It could not be opened: {Shortened(unexpected.Message)}"));
        }
        if (!methods.TryGetValue(head.Method, out var method) || method.Contract.Delivery != Delivery.AtLeastOnce)
        {
            return Dead(request, head, $"There is no method {head.Method} here that takes events.");
        }
        if (request.Rest.Length > method.Contract.MaxRequestBytes)
        {
            return Dead(request, head, $"It has {request.Rest.Length:N0} bytes, and the contract allows {method.Contract.MaxRequestBytes:N0}.");
        }
        return deliveries >= MostDeliveries
            ? Dead(request, head, $"It was delivered {deliveries} times, and whoever handled it never came to an end.")
            : await HandleAsync(request, head, method, stopping);
    }

    /// <summary>One lies in the dead letters now.</summary>
    public void Buried(DeadLetter letter)
    {
        logger.DeadLettered(letter.Sender.Length > 0 ? letter.Sender : "nobody known", letter.Method.Length > 0 ? letter.Method : "no method", letter.Reason.TrimEnd('.'));
        GivenUp.Add(1, new("anywire.wire", wire), new("anywire.service", self));
        options.DeadLettered?.Invoke(letter);
    }

    private async Task<EventEnd> HandleAsync(MessageReader request, RequestHead head, MethodHandler method, CancellationToken stopping)
    {
        var started = options.Time.GetTimestamp();
        var failures = 0;
        for (var pause = FirstPause; ; pause = pause * 2 < LongestPause ? pause * 2 : LongestPause)
        {
            if (await TryAsync(request, head, method) is not { } failure)
            {
                return EventEnd.Handled;
            }
            if (stopping.IsCancellationRequested)
            {
                return EventEnd.Again;
            }
            if (IsFinal(failure.StatusCode) && ++failures >= MostFinalFailures)
            {
                return Dead(request, head, $"{failure.StatusCode}: {failure.Status.Detail}");
            }
            if (options.Time.GetElapsedTime(started) > Patience)
            {
                return EventEnd.Again;
            }
            logger.HandledLater(request.Sender, head.Method, pause, failure.Status.Detail.TrimEnd('.'));
            await Task.Delay(pause * (0.5 + (Random.Shared.NextDouble() / 2)), options.Time, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (stopping.IsCancellationRequested)
            {
                return EventEnd.Again;
            }
        }
    }

    private async Task<RpcException?> TryAsync(MessageReader request, RequestHead head, MethodHandler method)
    {
        var context = new BrokerCallContext(
            null, head with { Expiry = options.Time.GetUtcNow().UtcDateTime + method.Contract.Deadline }, request.Sender, options.Time, options.Loggers)
        {
            AcceptedAt = head.Expiry == DateTime.MaxValue ? null : new DateTimeOffset(head.Expiry),
        };
        try
        {
            await method.HandleEventAsync(request.Rest, context);
            return null;
        }
        catch (RpcException known)
        {
            return known;
        }
        catch (MalformedMessageException malformed)
        {
            return new RpcException(new Status(StatusCode.InvalidArgument, malformed.Message));
        }
        catch (OperationCanceledException)
        {
            return new RpcException(context.EarlyEnd);
        }
        finally
        {
            context.Finish();
        }
    }

    private static EventEnd Dead(MessageReader request, RequestHead head, string reason) =>
        EventEnd.Dead(new DeadLetter(request.Sender, head.Method, head.Metadata?.GetValue(EventMetadata.IdKey) ?? "", Shortened(reason)));

    // A handler may say anything, and brokers take only so much besides a message.
    private static string Shortened(string reason) => reason.Length <= MostReason ? reason : $"{reason.AsSpan(0, MostReason)}…";

    // It would fail the same way tomorrow, unless another version of the service is about to start.
    private static bool IsFinal(StatusCode status) => status is StatusCode.InvalidArgument or StatusCode.Unimplemented or StatusCode.NotFound
        or StatusCode.PermissionDenied or StatusCode.Unauthenticated or StatusCode.FailedPrecondition or StatusCode.OutOfRange or StatusCode.AlreadyExists;
}
