using System.Collections.Concurrent;
using Anywire;
using Anywire.InProcess;
using Grpc.Core;
using Grpc.Core.Interceptors;

namespace Twite.ProgramTests;

/// <summary>A wire for what fits a datagram (<c>datagram:name</c>): it declares what UDP can honour, carries calls within the process, and keeps what it carried.</summary>
/// <param name="leavesProcess">Whether it says that others can reach it; then it is only asked what it can do.</param>
internal sealed class DatagramTransport(bool leavesProcess = false) : ITransport
{
    private readonly InProcessTransport _inner = new();

    /// <summary>The methods that it has carried, by their full names.</summary>
    public ConcurrentDictionary<string, byte> Carried { get; } = new(StringComparer.Ordinal);

    public TransportTraits Traits { get; } = new()
    {
        Name = "datagrams",
        Scheme = "datagram",
        CallKinds = CallKinds.Unary,
        MaxMessageBytes = 1_130,
        AtLeastOnce = Acknowledgement.Handled,
        RepliesMustBeIdempotent = true,
        SharesMemory = !leavesProcess,
        NeedsCredentials = leavesProcess,
    };

    public Task<ITransportServer> ListenAsync(TransportServerOptions options, CancellationToken cancellationToken) => _inner.ListenAsync(options, cancellationToken);

    public ITransportClient Connect(TransportClientOptions options) => new Client(_inner.Connect(options), new Notes(Carried));

    private sealed class Client(ITransportClient inner, Interceptor notes) : ITransportClient
    {
        public CallInvoker Invoker { get; } = inner.Invoker.Intercept(notes);

        public Task ConnectAsync(CancellationToken cancellationToken) => inner.ConnectAsync(cancellationToken);

        public ValueTask DisposeAsync() => inner.DisposeAsync();
    }

    private sealed class Notes(ConcurrentDictionary<string, byte> carried) : Interceptor
    {
        public override AsyncUnaryCall<TResponse> AsyncUnaryCall<TRequest, TResponse>(
            TRequest request, ClientInterceptorContext<TRequest, TResponse> context, AsyncUnaryCallContinuation<TRequest, TResponse> continuation)
        {
            carried.TryAdd(context.Method.FullName, 0);
            return continuation(request, context);
        }
    }
}
