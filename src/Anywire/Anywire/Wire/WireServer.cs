using System.Collections.Concurrent;
using System.Collections.Frozen;
using Grpc.Core;

namespace Anywire.Wire;

/// <summary>Runs the handler of one method on one call.</summary>
internal delegate Task WireHandler(WireServerCall call, WireCallContext context);

/// <summary>The handlers that listen under one name.</summary>
internal sealed class WireServer : ITransportServer
{
    private readonly FrozenDictionary<string, Func<WireServerCall, WireHandler>> _handlers;
    private readonly ConcurrentDictionary<WireEnd, byte> _calls = new();
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
        _calls.TryAdd(end, 0);
        // A real wire hands over to another thread, too.
        _ = Task.Run(() => ServeAsync(end, caller));
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        _onStopped(this);
        return Task.CompletedTask;
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

    private async Task ServeAsync(WireEnd end, string caller)
    {
        try
        {
            if (await end.ReceiveAsync() is { Kind: FrameKind.Request } frame)
            {
                var (method, remaining, metadata) = WireHead.ReadRequest(frame.Payload);
                var call = new WireServerCall(end);
                var context = new WireCallContext(method, caller, remaining, metadata, end, Options.Time);
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
        }
    }
}
