using Grpc.Core;

namespace Anywire.Identity;

/// <summary>The end user a call acts for, proved by a signed assertion.</summary>
/// <param name="Id">The JWT's <c>sub</c>: a 64-bit id in decimal.</param>
/// <param name="Name">The JWT's <c>name</c>.</param>
public sealed record UserIdentity(long Id, string Name)
{
    /// <summary>The metadata key that an assertion travels under.</summary>
    public const string MetadataKey = "anywire-user";

    /// <summary>Metadata that makes a call act for the person an assertion names.</summary>
    public static Metadata Headers(string assertion) => new() { { MetadataKey, assertion } };
}
