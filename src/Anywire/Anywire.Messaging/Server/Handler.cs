using System.Collections.Concurrent;
using System.Collections.Frozen;
using Anywire.Messaging.Format;
using Anywire.Messaging.Sealing;
using Grpc.Core;
using Microsoft.Extensions.Logging;

namespace Anywire.Messaging.Server;

/// <summary>The calls that one instance of a service handles. Any thread may use it.</summary>
internal sealed class Handler
{
    private readonly FrozenDictionary<string, MethodHandler> _methods;
    private readonly ConcurrentDictionary<(string Caller, CallId Id), RunningCall> _running = new();
    private readonly TransportServerOptions _options;
    private readonly IServerLink _link;
    private readonly Seals? _seals;
    private readonly SeenCalls _seen;
    private readonly Turns _turns = new();
    private readonly RefusedMessages _refused;
    private readonly ILogger _logger;

    public Handler(TransportServerOptions options, string wire, IServerLink link)
    {
        Service = options.Service
            ?? throw new InvalidOperationException($"{options.Endpoint} leads to a broker, and the server has no name that its callers could call it by.");
        (_options, _link, _logger) = (options, link, options.Loggers.CreateLogger<Handler>());
        _seals = Seals.Of(options.Credentials, options.Endpoint);
        _seen = new SeenCalls(options.Time);
        _refused = new RefusedMessages(wire, Service, _logger);
        var binder = new BrokerBinder(options.Contracts, wire);
        options.Bind(binder);
        _methods = binder.Handlers.ToFrozenDictionary(StringComparer.Ordinal);
        Events = new EventHandling(Service, wire, _methods, _seals, _refused, options, _logger);
    }

    /// <summary>The service's name, which its callers know it by.</summary>
    public string Service { get; }

    /// <summary>Whether any method is at-least-once.</summary>
    public bool TakesEvents => _methods.Values.Any(m => m.Contract.Delivery == Delivery.AtLeastOnce);

    /// <summary>Handles at-least-once calls.</summary>
    public EventHandling Events { get; }

    /// <summary>Handles a request.</summary>
    /// <param name="message">The message; valid until the task is returned.</param>
    /// <param name="replyTo">Where the broker says that its caller hears answers.</param>
    /// <param name="isRedelivered">Whether another instance may have begun to handle it.</param>
    /// <returns>Completes when it is done with: answered, dropped because its caller has given up, or refused.</returns>
    public Task HandleAsync(ReadOnlyMemory<byte> message, string replyTo, bool isRedelivered)
    {
        try
        {
            var request = new MessageReader(message);
            request.Open(Service, _seals);
            if (request.Kind != MessageKind.Request)
            {
                throw new MalformedMessageException($"It is of kind {request.Kind}, and no request.");
            }
            var head = RequestHead.Read(request);
            var now = _options.Time.GetUtcNow().UtcDateTime;
            if (head.Expiry <= now)
            {
                return Task.CompletedTask;
            }
            if (_seals is not null && head.Expiry - now > SeenCalls.Furthest)
            {
                return RefuseAsync(Begin(request, head, replyTo), new Status(
                    StatusCode.InvalidArgument, $"The deadline of a call over a sealed wire is at most {SeenCalls.Furthest.TotalDays:N0} days away."), []);
            }
            if (_seals is not null && !_seen.TryAdd(request.Sender, request.Call, head.Expiry) && !isRedelivered)
            {
                throw new RefusedMessageException("replayed", $"It is call {request.Call} of {request.Sender}, for the second time.");
            }
            return HandleAsync(request, head, replyTo, isRedelivered);
        }
        catch (RefusedMessageException refused)
        {
            _refused.Count(refused);
            return Task.CompletedTask;
        }
        catch (Exception unexpected)
        {
            _refused.Count(unexpected);
            return Task.CompletedTask;
        }
    }

    /// <summary>Takes what a caller tells: cancel, credit.</summary>
    public void Tell(ReadOnlyMemory<byte> message)
    {
        try
        {
            var told = new MessageReader(message);
            if (!_running.TryGetValue((told.Sender, told.Call), out var call))
            {
                return;
            }
            told.Open(Service, _seals);
            if (told.Kind == MessageKind.Cancel)
            {
                // Whatever its handler does about it, the next message waits behind this one.
                _ = Task.Run(call.Context.Cancel);
            }
            else if (told.Kind == MessageKind.Credit)
            {
                call.Grant(told.UInt64());
            }
        }
        catch (RefusedMessageException refused)
        {
            _refused.Count(refused);
        }
        catch (Exception unexpected)
        {
            _refused.Count(unexpected);
        }
    }

    /// <summary>Ends all calls: their callers learn that the service went away.</summary>
    /// <param name="patience">For how long a broker that is away is waited for; its callers are told nothing then.</param>
    public async Task AbandonAsync(TimeSpan patience)
    {
        var gone = new Status(StatusCode.Unavailable, "The service went away while it handled the call.");
        var told = new List<Task>();
        foreach (var call in _running.Values)
        {
            // Before the handler is told, whose own end would come first otherwise.
            told.Add(SendAsync(call, gone, []));
            call.Context.End(gone);
        }
        await Task.WhenAll(told).WaitAsync(patience).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private RunningCall Begin(MessageReader request, RequestHead head, string replyTo) =>
        new(request, head, replyTo, _link, _seals?.For(Service, request.Sender), _options.Time, _options.Loggers);

    private Task HandleAsync(MessageReader request, RequestHead head, string replyTo, bool isRedelivered)
    {
        var call = Begin(request, head, replyTo);
        if (!_methods.TryGetValue(head.Method, out var method))
        {
            return RefuseAsync(call, new Status(StatusCode.Unimplemented, $"There is no method {head.Method} here."), []);
        }
        // Of a stream its caller may have had a part, and what came next would begin again.
        if (isRedelivered && !_running.ContainsKey((call.Caller, call.Id)) && !(method.Contract.IsIdempotent && method.Contract.Type == MethodType.Unary))
        {
            return RefuseAsync(call, new Status(StatusCode.Unavailable, "The service went away while it handled the call."), []);
        }
        try
        {
            var run = method.Prepare(request);
            // Another call of the same id is this one, come again while it runs: its end answers both.
            if (_running.TryAdd((call.Caller, call.Id), call))
            {
                return RunAsync(call, run);
            }
            call.Context.Finish();
            return Task.CompletedTask;
        }
        catch (RpcException tooLarge)
        {
            return RefuseAsync(call, tooLarge.Status, tooLarge.Trailers);
        }
        catch (MalformedMessageException malformed)
        {
            _refused.Count(malformed);
            return RefuseAsync(call, new Status(StatusCode.Internal, $"The request of {head.Method} cannot be read."), []);
        }
    }

    private async Task RunAsync(RunningCall call, Func<RunningCall, Task> run)
    {
        // Whoever has brought the request brings the next one, however long this takes.
        await _turns;
        RpcException? failure = null;
        try
        {
            await run(call);
        }
        catch (RpcException known)
        {
            failure = known;
        }
        catch (OperationCanceledException)
        {
            failure = new RpcException(call.Context.EarlyEnd);
        }
        catch (Exception)
        {
            // The waist turns whatever a handler throws into an answer; this is what went wrong on the way to it and back.
            failure = new RpcException(new Status(StatusCode.Internal, "The call could not be carried to its handler and back."));
        }
        finally
        {
            _running.TryRemove((call.Caller, call.Id), out _);
            call.Context.Finish();
        }
        if (failure is not null)
        {
            foreach (var trailer in failure.Trailers)
            {
                call.Context.ResponseTrailers.Add(trailer);
            }
            await SendAsync(call, failure.Status, call.Context.ResponseTrailers);
        }
    }

    private Task RefuseAsync(RunningCall call, Status status, Metadata trailers)
    {
        call.Context.Finish();
        return SendAsync(call, status, trailers);
    }

    private async Task SendAsync(RunningCall call, Status status, Metadata trailers)
    {
        try
        {
            await call.EndAsync(status, trailers);
        }
        catch (Exception lost)
        {
            // Whoever awaits it acknowledges the request then, which would come again otherwise, or never be done with.
            _logger.ReplyLost(call.Method, lost.Message);
        }
    }
}
