using Google.Protobuf.WellKnownTypes;
using Grpc.Core;

namespace Anywire.Client;

/// <summary>The answer to a best-effort call: Empty, at once. All have the same.</summary>
internal static class CompletedCall<TResponse>
    where TResponse : class
{
    /// <summary>The answer.</summary>
    public static readonly TResponse Reply = (TResponse)(object)new Empty();

    /// <summary>The call.</summary>
    public static readonly AsyncUnaryCall<TResponse> Call = new(
        Task.FromResult(Reply), static _ => Task.FromResult(new Metadata()), static _ => Status.DefaultSuccess, static _ => [], static _ => { }, state: string.Empty);
}
