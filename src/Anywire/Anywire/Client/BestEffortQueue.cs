using System.Diagnostics;
using System.Threading.Channels;
using Anywire.Diagnostics;
using Google.Protobuf;
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

    /// <summary>Takes a call. Once it returns, what was given may be changed, but for the request of a wire that shares memory.</summary>
    public void Post<TRequest, TResponse>(ClientInvoker client, Method<TRequest, TResponse> method, CallOptions options, TimeSpan timeout, TRequest request)
        where TRequest : class
        where TResponse : class
    {
        // What is here already is older, so it goes first.
        if (client.Next is IEventInvoker direct && Volatile.Read(ref _here) == 0 && Activity.Current is null
            && IsDone(direct, client, method, client.Annotate(options, span: null).Headers, request))
        {
            return;
        }
        var item = client.SharesMemory
            ? new Item<TRequest, TResponse>(client, method, options, timeout, request, Activity.Current)
            : new Item<TRequest, TResponse>(
                client, method, options.Headers is { Count: > 0 } headers ? options.WithHeaders([.. headers]) : options, timeout,
                request is IDeepCloneable<TRequest> message ? message.Clone() : request, Activity.Current);
        Interlocked.Increment(ref _here);
        if (!_items.Writer.TryWrite(item))
        {
            Drop(item);
        }
    }

    // Whether it has been handed over, or never can be.
    private static bool IsDone<TRequest, TResponse>(
        IEventInvoker direct, ClientInvoker client, Method<TRequest, TResponse> method, Metadata? metadata, TRequest request)
        where TRequest : class
        where TResponse : class
    {
        var startedAt = client.Now();
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
            CallMetrics.BestEffortDropped.Count(method, client.Wire);
        }
        client.Record(method, status, startedAt);
        return true;
    }

    public async ValueTask DisposeAsync()
    {
        _items.Writer.TryComplete();
        await Task.WhenAny(EmptyAsync(), Task.Delay(DisposeTimeout, TimeProvider.System));
        await _stop.CancelAsync();
        // In process it is the handler's thread, which may never come back.
        await Task.WhenAny(_pump, Task.Delay(DisposeTimeout, TimeProvider.System));
        while (_items.Reader.TryRead(out var left))
        {
            Drop(left);
        }
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
                try
                {
                    await _slots.WaitAsync(_stop.Token);
                }
                catch (OperationCanceledException)
                {
                    Drop(item);
                    throw;
                }
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
            Interlocked.Decrement(ref _here);
        }
        catch (Exception)
        {
            // Its caller is not told of it, whatever it is.
            Drop(item);
        }
        finally
        {
            _slots.Release();
        }
    }

    private void Drop(Item item)
    {
        Interlocked.Decrement(ref _here);
        CallMetrics.BestEffortDropped.Count(item.Method, item.Wire);
    }

    private abstract class Item
    {
        public abstract IMethod Method { get; }

        public abstract string Wire { get; }

        public abstract Task SendAsync(CancellationToken stop);
    }

    private sealed class Item<TRequest, TResponse>(
        ClientInvoker client, Method<TRequest, TResponse> method, CallOptions options, TimeSpan timeout, TRequest request, Activity? parent) : Item
        where TRequest : class
        where TResponse : class
    {
        public override IMethod Method => method;

        public override string Wire => client.Wire;

        public override async Task SendAsync(CancellationToken stop)
        {
            var span = StartSpan();
            var startedAt = client.Now();
            var status = StatusCode.Cancelled;
            try
            {
                var until = options.Deadline ?? client.Time.GetUtcNow().UtcDateTime + timeout;
                using var call = client.Next.AsyncUnaryCall(
                    method, null, client.Annotate(options, span ?? parent).WithDeadline(until).WithCancellationToken(stop), request);
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
                client.Record(method, status, startedAt);
                if (span is not null)
                {
                    AnywireDiagnostics.Finish(span, status);
                }
            }
        }

        private Activity? StartSpan()
        {
            var context = parent?.Context ?? default;
            return context == default ? null
                : AnywireDiagnostics.StartCall(ActivityKind.Producer, method.FullName[1..], context, client.Wire)
                    // A wire's headers take it along; in process the handler finds it here.
                    ?? (client.SharesMemory ? AnywireDiagnostics.PassOn(method.FullName[1..], context) : null);
        }
    }
}
