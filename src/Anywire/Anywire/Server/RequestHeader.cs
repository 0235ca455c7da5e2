using Grpc.Core;

namespace Anywire.Server;

/// <summary>Looks for what a caller said in its metadata.</summary>
internal static class RequestHeader
{
    /// <summary>The last value under a key that is not binary; null when there is none.</summary>
    public static string? Find(ServerCallContext context, string key) =>
        context is IRequestHeaders headers ? headers.Find(key) : context.RequestHeaders.GetValue(key);
}

/// <summary>A <see cref="ServerCallContext"/> that finds a header without building a <see cref="Metadata"/>, which most handlers never ask for.</summary>
internal interface IRequestHeaders
{
    /// <summary>As <see cref="RequestHeader.Find"/>.</summary>
    string? Find(string key);
}
