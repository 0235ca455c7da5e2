using Google.Protobuf.Reflection;
using Google.Rpc;

namespace Anywire.Http;

/// <summary>The message types that an <c>Any</c> may hold: those of the contracts, and <c>google.rpc</c>'s details.</summary>
internal static class KnownTypes
{
    public static TypeRegistry Of(ContractTable contracts) =>
        TypeRegistry.FromFiles([.. contracts.Services.Select(s => s.File).Append(ErrorDetailsReflection.Descriptor).Append(StatusReflection.Descriptor).Distinct()]);
}
