using System.Collections.Concurrent;
using System.Collections.Frozen;
using Grpc.Core;

namespace Anywire.Wire;

/// <summary>Runs the handler of one method on one call.</summary>
internal delegate Task WireHandler(WireServerCall call, WireCallContext context);

/// <summary>The handlers that listen under one name.</summary>
internal sealed class WireServer : ITransportServer
{
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(1);

    private readonly FrozenDictionary<string, Func<WireServerCall, WireHandler>> _handlers;
    private readonly ConcurrentDictionary<WireEnd, Task> _calls = new();
    private readonly Action<WireServer> _onStopped;

    public WireServer(TransportServerOptions options, Action<WireServer> onStopped)
    {
        (Options, _onStopped) = (options, onStopped);
        var collector = new WireBinder(options.Contracts);
        options.Bind(collector);
        _handlers = collector.Handlers.ToFrozenDictionary(StringComparer.Ordinal);
    }

    public TransportServerOptions Options { get; }

    public Endpoint Endpoint => Options.Endpoint;

    /// <summary>Serves one call until it has ended.</summary>
    public void Accept(WireEnd end, string caller)
    {
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _calls.TryAdd(end, ended.Task);
        // A real wire hands over to another thread, too.
        _ = Task.Run(() => ServeAsync(end, caller, ended));
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        _onStopped(this);
        try
        {
            // The waist has seen the handlers end; their answers are on the way out. One that did not end in time is not waited for again.
            await Task.WhenAll(_calls.Values).WaitAsync(AnswerTimeout, TimeProvider.System, cancellationToken);
        }
        catch (TimeoutException)
        {
            // Disposing ends what is left, and its callers learn that the peer went away.
        }
    }

    public ValueTask DisposeAsync()
    {
        _onStopped(this);
        foreach (var end in _calls.Keys)
        {
            end.Close();
            end.StopReceiving();
        }
        return ValueTask.CompletedTask;
    }

    private async Task ServeAsync(WireEnd end, string caller, TaskCompletionSource ended)
    {
        try
        {
            if (await end.ReceiveAsync() is { Kind: FrameKind.Request } frame)
            {
                var (method, remaining, metadata) = WireHead.ReadRequest(frame.Payload);
                var call = new WireServerCall(end);
                var context = new WireCallContext(method, caller, remaining, metadata, end, Options.Time, Options.Loggers);
                if (_handlers.TryGetValue(method, out var prepare))
                {
                    await call.RunAsync(prepare(call), context);
                }
                else
                {
                    end.Send(FrameKind.Trailers, WireHead.Trailers(new Status(StatusCode.Unimplemented, $"There is no method {method} here."), []));
                }
            }
        }
        finally
        {
            end.Close();
            _calls.TryRemove(end, out _);
            ended.SetResult();
        }
    }
}
