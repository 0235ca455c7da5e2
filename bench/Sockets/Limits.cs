namespace Twite.Bench.Sockets;

/// <summary>What a ratio is held to.</summary>
internal sealed record Limit(double Value, bool IsLeast = false)
{
    public bool Holds(double ratio) => IsLeast ? ratio >= Value : ratio <= Value;
}

/// <summary>What the TCP transport is held to; null where nothing is said.</summary>
internal static class Limits
{
    /// <summary>What the waist's, the transport's and gRPC's own objects may take on one side, in bytes of a call.</summary>
    public static readonly Limit Bytes = new(512);

    /// <summary>The p99 of an open loop, of grpc-dotnet's, which counts from when its calls were sent.</summary>
    public static readonly Limit OpenP99 = new(1 / 4.0);

    /// <summary>The p99 beside others on the connection, of that alone.</summary>
    public static readonly Limit BesideP99 = new(2);

    /// <summary>CPU, of grpc-dotnet's.</summary>
    public static Limit? Cpu(int callers, bool isAsync) => (callers, isAsync) switch
    {
        (64, true) => new(1 / 4.0),
        (1, false) => new(1 / 3.0),
        (64 or 256, false) => new(1 / 12.0),
        _ => null,
    };

    /// <summary>Calls per second, of grpc-dotnet's.</summary>
    public static Limit? Rate(int callers, bool isSecured, bool isAsync) => callers == 64 && isSecured && !isAsync ? new(8, IsLeast: true) : null;

    /// <summary>The p50, of grpc-dotnet's.</summary>
    public static Limit? P50(int callers, bool isAsync) => callers == 1 && !isAsync ? new(0.5) : null;

    /// <summary>CPU, of the bare socket's.</summary>
    public static Limit? CpuOfFloor(int callers, bool isSecured) => callers == 64 && !isSecured ? new(3) : null;
}
