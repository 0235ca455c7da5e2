using System.Diagnostics;
using System.Threading.Channels;
using Anywire.Diagnostics;
using Grpc.Core;

namespace Anywire.Client;

/// <summary>Calls whose answer nobody waits for. Bounded: when it is full the newest is dropped and counted. Messages leave in the order
/// they came in, at most <c>inFlight</c> of them unanswered. Where the wire answers none and has room, those that belong to no trace do not wait here, unless an older one
/// does.</summary>
internal sealed class BestEffortQueue : IAsyncDisposable
{
    private static readonly TimeSpan DisposeTimeout = TimeSpan.FromSeconds(2);

    private readonly Channel<Item> _items;
    private readonly SemaphoreSlim _slots;
    private readonly int _inFlight;
    private readonly Task _pump;
    private readonly CancellationTokenSource _stop = new();
    private int _here;

    public BestEffortQueue(int capacity, int inFlight)
    {
        _items = Channel.CreateBounded<Item>(new BoundedChannelOptions(capacity) { SingleReader = true });
        _slots = new SemaphoreSlim(inFlight);
        _inFlight = inFlight;
        // The pump serves many callers; the trace of whoever made the queue is not theirs.
        using (ExecutionContext.SuppressFlow())
        {
            _pump = Task.Run(PumpAsync);
        }
    }

    public void Post<TRequest, TResponse>(
        CallInvoker next, string wire, Method<TRequest, TResponse> method, CallOptions options, TimeSpan timeout, TRequest request, TimeProvider time)
        where TRequest : class
        where TResponse : class
    {
        // What is here already is older, so it goes first.
        if (next is IEventInvoker direct && Volatile.Read(ref _here) == 0 && Activity.Current is null && IsDone(direct, wire, method, options.Headers, request, time))
        {
            return;
        }
        var item = new Item<TRequest, TResponse>(next, wire, method, options, timeout, request, time, Activity.Current?.Context ?? default);
        Interlocked.Increment(ref _here);
        if (!_items.Writer.TryWrite(item))
        {
            Interlocked.Decrement(ref _here);
            CallMetrics.BestEffortDropped.Count(method, wire);
        }
    }

    // Whether it has been handed over, or never can be.
    private static bool IsDone<TRequest, TResponse>(
        IEventInvoker direct, string wire, Method<TRequest, TResponse> method, Metadata? metadata, TRequest request, TimeProvider time)
        where TRequest : class
        where TResponse : class
    {
        var startedAt = CallMetrics.ClientDuration.Enabled ? time.GetTimestamp() : 0;
        var status = StatusCode.OK;
        try
        {
            if (!direct.TryTell(method, metadata, request))
            {
                return false;
            }
        }
        catch (Exception error)
        {
            // Its caller is not told of it, whatever it is.
            status = (error as RpcException)?.StatusCode ?? StatusCode.Internal;
            CallMetrics.BestEffortDropped.Count(method, wire);
        }
        if (startedAt != 0)
        {
            CallMetrics.ClientDuration.Record(time.GetElapsedTime(startedAt), method, wire, status);
        }
        return true;
    }

    public async ValueTask DisposeAsync()
    {
        _items.Writer.TryComplete();
        await Task.WhenAny(EmptyAsync(), Task.Delay(DisposeTimeout, TimeProvider.System));
        await _stop.CancelAsync();
        await _pump;
    }

    // All have been sent, and none is under way.
    private async Task EmptyAsync()
    {
        await _pump;
        for (var i = 0; i < _inFlight; i++)
        {
            await _slots.WaitAsync(_stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task PumpAsync()
    {
        try
        {
            await foreach (var item in _items.Reader.ReadAllAsync(_stop.Token))
            {
                await _slots.WaitAsync(_stop.Token);
                _ = SendAsync(item);
            }
        }
        catch (OperationCanceledException)
        {
            // Disposed with messages left: best effort ends here.
        }
    }

    private async Task SendAsync(Item item)
    {
        try
        {
            await item.SendAsync(_stop.Token);
        }
        catch (Exception error) when (error is RpcException or OperationCanceledException or InvalidOperationException)
        {
            CallMetrics.BestEffortDropped.Count(item.Method, item.Wire);
        }
        finally
        {
            Interlocked.Decrement(ref _here);
            _slots.Release();
        }
    }

    private abstract class Item
    {
        public abstract IMethod Method { get; }

        public abstract string Wire { get; }

        public abstract Task SendAsync(CancellationToken stop);
    }

    private sealed class Item<TRequest, TResponse>(
        CallInvoker next, string wire, Method<TRequest, TResponse> method, CallOptions options, TimeSpan timeout, TRequest request, TimeProvider time,
        ActivityContext parent) : Item
        where TRequest : class
        where TResponse : class
    {
        public override IMethod Method => method;

        public override string Wire => wire;

        public override async Task SendAsync(CancellationToken stop)
        {
            var span = parent == default ? null : AnywireDiagnostics.StartCall(ActivityKind.Producer, method.FullName[1..], parent, wire);
            var startedAt = CallMetrics.ClientDuration.Enabled ? time.GetTimestamp() : 0;
            var status = StatusCode.Cancelled;
            try
            {
                var until = options.Deadline ?? time.GetUtcNow().UtcDateTime + timeout;
                using var call = next.AsyncUnaryCall(method, null, options.WithDeadline(until).WithCancellationToken(stop), request);
                await call.ResponseAsync;
                status = StatusCode.OK;
            }
            catch (RpcException error)
            {
                status = error.StatusCode;
                throw;
            }
            finally
            {
                if (startedAt != 0)
                {
                    CallMetrics.ClientDuration.Record(time.GetElapsedTime(startedAt), method, wire, status);
                }
                if (span is not null)
                {
                    AnywireDiagnostics.Finish(span, status);
                }
            }
        }
    }
}
