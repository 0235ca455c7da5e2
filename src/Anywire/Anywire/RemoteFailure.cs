using Grpc.Core;

namespace Anywire;

/// <summary>Tells the failure of a call that a handler made from an answer the handler gives: a remote failure is never mistaken for a
/// domain answer.</summary>
internal static class RemoteFailure
{
    private const string Key = "anywire.remote";

    /// <summary>Remembers which call a failure came from.</summary>
    public static RpcException Mark(RpcException error, IMethod method)
    {
        error.Data[Key] = method.FullName;
        return error;
    }

    /// <summary>The method whose call failed; null when the handler made the error itself.</summary>
    public static string? MethodOf(RpcException error) => error.Data[Key] as string;
}
