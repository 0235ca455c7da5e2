using System.Diagnostics;
using Anywire.Client;
using Anywire.Diagnostics;
using Anywire.InProcess;
using Anywire.Tests.Samples;
using Grpc.Core;
using Microsoft.Extensions.Logging.Abstractions;

namespace Anywire.Tests;

/// <summary>A wire that throws where it should have begun a call.</summary>
public sealed class ThrowingWireTests
{
    [Fact]
    public async Task Its_call_leaves_no_span_behind()
    {
        using var root = new Activity("root").SetIdFormat(ActivityIdFormat.W3C).Start();
        var ended = new List<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = static source => source.Name == AnywireDiagnostics.Name,
            Sample = (ref ActivityCreationOptions<ActivityContext> options) =>
                options.Parent.TraceId == root.TraceId ? ActivitySamplingResult.AllDataAndRecorded : ActivitySamplingResult.None,
            ActivityStopped = span => ended.AddRange(span.TraceId == root.TraceId ? [span] : []),
        };
        ActivitySource.AddActivityListener(listener);
        await using var client = new AnywireClient(new Throwing(), new TransportClientOptions
        {
            Endpoints = [Endpoint.Parse("inproc:throwing")],
            Service = "throwing",
            Caller = "tests",
            Contracts = new ContractTable([Bare.Descriptor]),
            Loggers = NullLoggerFactory.Instance,
            Time = TimeProvider.System,
        });

        Assert.Throws<NotImplementedException>(() => new Bare.BareClient(client.Invoker).AskAsync(new Word()));

        Assert.Equal(ActivityStatusCode.Error, Assert.Single(ended).Status);
        Assert.Same(root, Activity.Current);
    }

    private sealed class Throwing : AsyncInvoker, ITransport, ITransportClient
    {
        public TransportTraits Traits { get; } = new InProcessTransport().Traits;

        public CallInvoker Invoker => this;

        public Task<ITransportServer> ListenAsync(TransportServerOptions options, CancellationToken cancellationToken) => throw new NotImplementedException();

        public ITransportClient Connect(TransportClientOptions options) => this;

        public Task ConnectAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;

        public override AsyncUnaryCall<TResponse> AsyncUnaryCall<TRequest, TResponse>(
            Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request) => throw new NotImplementedException();

        public override AsyncServerStreamingCall<TResponse> AsyncServerStreamingCall<TRequest, TResponse>(
            Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request) => throw new NotImplementedException();

        public override AsyncClientStreamingCall<TRequest, TResponse> AsyncClientStreamingCall<TRequest, TResponse>(
            Method<TRequest, TResponse> method, string? host, CallOptions options) => throw new NotImplementedException();

        public override AsyncDuplexStreamingCall<TRequest, TResponse> AsyncDuplexStreamingCall<TRequest, TResponse>(
            Method<TRequest, TResponse> method, string? host, CallOptions options) => throw new NotImplementedException();
    }
}
