using System.Collections.Frozen;
using Anywire.Server;
using Grpc.Core;

namespace Anywire.InProcess;

/// <summary>The handlers that listen under one name.</summary>
internal sealed class InProcessServer : ITransportServer
{
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(1);

    private readonly FrozenDictionary<string, Delegate> _handlers;
    private readonly Action<InProcessServer> _onStopped;
    private readonly CancellationTokenSource _gone = new();

    public InProcessServer(TransportServerOptions options, HandOverCheck? check, Action<InProcessServer> onStopped)
    {
        (Options, Check, _onStopped) = (options, check, onStopped);
        var collector = new Collector();
        options.Bind(collector);
        _handlers = collector.Handlers.ToFrozenDictionary(StringComparer.Ordinal);
    }

    public TransportServerOptions Options { get; }

    public HandOverCheck? Check { get; }

    /// <summary>Cancelled when the server has been closed: calls under way end UNAVAILABLE.</summary>
    public CancellationToken Gone => _gone.Token;

    /// <summary>The calls that have not been answered yet: a handler's end comes a little before its caller learns of it.</summary>
    public CallGate Unanswered { get; } = new(int.MaxValue);

    public Endpoint Endpoint => Options.Endpoint;

    public THandler? Find<THandler>(IMethod method)
        where THandler : Delegate => _handlers.GetValueOrDefault(method.FullName) as THandler;

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        _onStopped(this);
        try
        {
            // The waist has seen the handlers end; their answers are on the way out. One that did not end in time is not waited for again.
            await Unanswered.DrainAsync().WaitAsync(AnswerTimeout, TimeProvider.System, cancellationToken);
        }
        catch (TimeoutException)
        {
            // Disposing ends what is left, and its callers learn that the peer went away.
        }
    }

    public async ValueTask DisposeAsync()
    {
        _onStopped(this);
        await _gone.CancelAsync();
    }

    private sealed class Collector : ServiceBinderBase
    {
        public Dictionary<string, Delegate> Handlers { get; } = new(StringComparer.Ordinal);

        public override void AddMethod<TRequest, TResponse>(Method<TRequest, TResponse> method, UnaryServerMethod<TRequest, TResponse>? handler) =>
            Handlers.Add(method.FullName, handler!);

        public override void AddMethod<TRequest, TResponse>(Method<TRequest, TResponse> method, ClientStreamingServerMethod<TRequest, TResponse>? handler) =>
            Handlers.Add(method.FullName, handler!);

        public override void AddMethod<TRequest, TResponse>(Method<TRequest, TResponse> method, ServerStreamingServerMethod<TRequest, TResponse>? handler) =>
            Handlers.Add(method.FullName, handler!);

        public override void AddMethod<TRequest, TResponse>(Method<TRequest, TResponse> method, DuplexStreamingServerMethod<TRequest, TResponse>? handler) =>
            Handlers.Add(method.FullName, handler!);
    }
}
