using System.Collections.Frozen;
using System.Collections.Immutable;
using Google.Protobuf.Reflection;
using Grpc.Core;

namespace Anywire;

/// <summary>What one method needs from the wire that carries it, read from its descriptor (<c>anywire/options.proto</c>). Immutable.</summary>
public sealed record MethodContract
{
    /// <summary>The deadline of a call that sets none, in a contract that sets none: 10 s.</summary>
    public static readonly TimeSpan DefaultDeadline = TimeSpan.FromSeconds(10);

    /// <summary>The size limit of requests and replies in a contract that sets none: 4 MiB.</summary>
    public const int DefaultMaxMessageBytes = 4 * 1024 * 1024;

    /// <summary>The gRPC path, <c>/package.Service/Method</c>: what <see cref="IMethod.FullName"/> is.</summary>
    public required string FullName
    {
        get;
        init => (field, Name) = (value, value.TrimStart('/'));
    }

    /// <summary>As traces and metrics name it: <c>package.Service/Method</c>.</summary>
    internal string Name { get; private init; } = "";

    /// <summary>Which of the four kinds of call it is.</summary>
    public required MethodType Type { get; init; }

    /// <summary>What the caller waits for. Never <see cref="Delivery.Unspecified"/>.</summary>
    public Delivery Delivery { get; init; } = Delivery.Reply;

    /// <summary>How long a caller waits that sets no deadline itself.</summary>
    public TimeSpan Deadline { get; init; } = DefaultDeadline;

    /// <summary>The largest serialized request, in bytes.</summary>
    public int MaxRequestBytes { get; init; } = DefaultMaxMessageBytes;

    /// <summary>The largest serialized reply, in bytes; of each message of a stream.</summary>
    public int MaxReplyBytes { get; init; } = DefaultMaxMessageBytes;

    /// <summary>The services that may call; empty: any authenticated peer.</summary>
    public ImmutableArray<string> AllowedCallers { get; init; } = [];

    /// <summary>Where, over HTTP, what the call has made can be found: a path with fields of the reply in braces; empty: it makes nothing.</summary>
    public string Location { get; init; } = "";

    /// <summary>Whether doing it twice is the same as doing it once (<c>idempotency_level</c>), so that it may be retried.</summary>
    public bool IsIdempotent { get; init; }

    /// <summary>The type of its replies is <c>google.protobuf.Empty</c>.</summary>
    public bool ReturnsEmpty { get; init; }

    /// <summary>Reads a method's contract; options that are absent have their defaults.</summary>
    public static MethodContract Of(MethodDescriptor method)
    {
        var options = method.GetOptions();
        var contract = options?.GetExtension(OptionsExtensions.Contract) ?? new Contract();
        var level = options?.IdempotencyLevel ?? MethodOptions.Types.IdempotencyLevel.IdempotencyUnknown;
        return new MethodContract
        {
            FullName = $"/{method.Service.FullName}/{method.Name}",
            Type = (method.IsClientStreaming, method.IsServerStreaming) switch
            {
                (false, false) => MethodType.Unary,
                (true, false) => MethodType.ClientStreaming,
                (false, true) => MethodType.ServerStreaming,
                (true, true) => MethodType.DuplexStreaming,
            },
            Delivery = contract.Delivery == Delivery.Unspecified ? Delivery.Reply : contract.Delivery,
            Deadline = contract.Deadline?.ToTimeSpan() ?? DefaultDeadline,
            MaxRequestBytes = contract.MaxRequestBytes == 0 ? DefaultMaxMessageBytes : checked((int)contract.MaxRequestBytes),
            MaxReplyBytes = contract.MaxReplyBytes == 0 ? DefaultMaxMessageBytes : checked((int)contract.MaxReplyBytes),
            AllowedCallers = [.. contract.AllowedCallers],
            Location = contract.Location,
            IsIdempotent = level is MethodOptions.Types.IdempotencyLevel.Idempotent or MethodOptions.Types.IdempotencyLevel.NoSideEffects,
            ReturnsEmpty = method.OutputType.FullName == "google.protobuf.Empty",
        };
    }
}

/// <summary>The contracts of a program's methods by full name, built once at start-up: a transport sees only
/// <see cref="Method{TRequest, TResponse}"/>, which carries no options. Immutable; any thread may read it.</summary>
public sealed class ContractTable
{
    private readonly FrozenDictionary<string, MethodContract> _contracts;

    /// <summary>Reads the contracts of all methods of the services.</summary>
    public ContractTable(IEnumerable<ServiceDescriptor> services)
    {
        Services = [.. services.DistinctBy(s => s.FullName)];
        _contracts = Services.SelectMany(s => s.Methods).Select(MethodContract.Of)
            .ToFrozenDictionary(c => c.FullName, StringComparer.Ordinal);
    }

    /// <summary>The services whose methods are in the table.</summary>
    public ImmutableArray<ServiceDescriptor> Services { get; }

    /// <summary>All contracts.</summary>
    public IEnumerable<MethodContract> All => _contracts.Values;

    /// <summary>The contract of a method; the defaults when its descriptor was not registered.</summary>
    public MethodContract this[IMethod method] =>
        _contracts.TryGetValue(method.FullName, out var contract)
            ? contract
            : new MethodContract { FullName = method.FullName, Type = method.Type };

    /// <summary>The contracts of one service's methods.</summary>
    public IEnumerable<MethodContract> Of(ServiceDescriptor service) =>
        service.Methods.Select(m => _contracts[$"/{service.FullName}/{m.Name}"]);
}
