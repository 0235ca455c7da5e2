using Grpc.Core;

namespace Anywire.Grpc.Server;

/// <summary>Collects the waist's handlers into what gRPC's server library takes, with each method's size limits.</summary>
internal sealed class DefinitionBinder(ContractTable contracts) : ServiceBinderBase
{
    private readonly ServerServiceDefinition.Builder _builder = ServerServiceDefinition.CreateBuilder();

    /// <summary>The full names of the services bound so far.</summary>
    public HashSet<string> Services { get; } = new(StringComparer.Ordinal);

    public ServerServiceDefinition Build() => _builder.Build();

    public override void AddMethod<TRequest, TResponse>(Method<TRequest, TResponse> method, UnaryServerMethod<TRequest, TResponse>? handler) =>
        _builder.AddMethod(Limit(method), handler!);

    public override void AddMethod<TRequest, TResponse>(Method<TRequest, TResponse> method, ClientStreamingServerMethod<TRequest, TResponse>? handler) =>
        _builder.AddMethod(Limit(method), handler!);

    public override void AddMethod<TRequest, TResponse>(Method<TRequest, TResponse> method, ServerStreamingServerMethod<TRequest, TResponse>? handler) =>
        _builder.AddMethod(Limit(method), handler!);

    public override void AddMethod<TRequest, TResponse>(Method<TRequest, TResponse> method, DuplexStreamingServerMethod<TRequest, TResponse>? handler) =>
        _builder.AddMethod(Limit(method), handler!);

    private Method<TRequest, TResponse> Limit<TRequest, TResponse>(Method<TRequest, TResponse> method)
    {
        Services.Add(method.ServiceName);
        return SizeLimits.ForServer(method, contracts[method]);
    }
}
