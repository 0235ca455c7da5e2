using System.Collections.Concurrent;
using Anywire;
using Grpc.Core;

namespace Twite.Services.Bed;

/// <summary>One caller's view of the bed. A way is made when the first call needs it: by then everybody listens.</summary>
internal sealed class BedDirectory(string caller, Func<string, AnywireClient> connect) : IServiceDirectory, IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, Lazy<AnywireClient>> _clients = new(StringComparer.Ordinal);

    public CallInvoker Connect(string service) => new LateInvoker(() => ClientOf(service).Invoker);

    public CallInvoker ConnectTo(string service, Endpoint endpoint) =>
        throw new NotSupportedException($"{caller} is not to call {service} at an address of its own here.");

    public TransportTraits TraitsOf(string service) => ClientOf(service).Traits;

    public async ValueTask DisposeAsync()
    {
        foreach (var client in _clients.Values)
        {
            await client.Value.DisposeAsync();
        }
    }

    private AnywireClient ClientOf(string service) => _clients.GetOrAdd(service, name => new Lazy<AnywireClient>(() => connect(name))).Value;

    private sealed class LateInvoker(Func<CallInvoker> find) : CallInvoker
    {
        public override TResponse BlockingUnaryCall<TRequest, TResponse>(
            Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request) =>
            find().BlockingUnaryCall(method, host, options, request);

        public override AsyncUnaryCall<TResponse> AsyncUnaryCall<TRequest, TResponse>(
            Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request) =>
            find().AsyncUnaryCall(method, host, options, request);

        public override AsyncServerStreamingCall<TResponse> AsyncServerStreamingCall<TRequest, TResponse>(
            Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request) =>
            find().AsyncServerStreamingCall(method, host, options, request);

        public override AsyncClientStreamingCall<TRequest, TResponse> AsyncClientStreamingCall<TRequest, TResponse>(
            Method<TRequest, TResponse> method, string? host, CallOptions options) =>
            find().AsyncClientStreamingCall(method, host, options);

        public override AsyncDuplexStreamingCall<TRequest, TResponse> AsyncDuplexStreamingCall<TRequest, TResponse>(
            Method<TRequest, TResponse> method, string? host, CallOptions options) =>
            find().AsyncDuplexStreamingCall(method, host, options);
    }
}
