using Grpc.Health.V1;
using Grpc.Reflection;
using ReflectionV1 = Grpc.Reflection.V1;
using ReflectionV1Alpha = Grpc.Reflection.V1Alpha;

namespace Anywire.Grpc.Server;

/// <summary>The standard reflection service in both its versions, so that tools such as grpcurl know what is here without a .proto file.</summary>
internal static class Reflection
{
    /// <summary>Tells of the services bound so far, and of itself.</summary>
    public static void Bind(DefinitionBinder binder, ContractTable contracts)
    {
        var descriptors = contracts.Services.Append(Health.Descriptor)
            .Where(d => binder.Services.Contains(d.FullName))
            .Append(ReflectionV1.ServerReflection.Descriptor)
            .Append(ReflectionV1Alpha.ServerReflection.Descriptor)
            .DistinctBy(d => d.FullName)
            .ToArray();
        ReflectionV1.ServerReflection.BindService(binder, new ReflectionV1ServiceImpl(descriptors));
        ReflectionV1Alpha.ServerReflection.BindService(binder, new ReflectionServiceImpl(descriptors));
    }
}
