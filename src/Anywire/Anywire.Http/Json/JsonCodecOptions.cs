using Google.Protobuf.Reflection;

namespace Anywire.Http.Json;

/// <summary>How JSON is read and written. Immutable.</summary>
internal sealed record JsonCodecOptions
{
    /// <summary>Whether fields that a message does not have, and names that an enum does not have, are passed over. A client does so, because a newer server may say more than it knows;
    /// a server refuses them, because a misspelt field would otherwise be ignored in silence. Default: false.</summary>
    public bool IgnoreUnknownFields { get; init; }

    /// <summary>How many objects and arrays may lie in each other, read or written. Default: 64.</summary>
    public int MaxDepth { get; init; } = 64;

    /// <summary>The types that a <c>google.protobuf.Any</c> may hold. Default: none.</summary>
    public TypeRegistry Types { get; init; } = TypeRegistry.Empty;
}
