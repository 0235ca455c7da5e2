using Anywire.Diagnostics;
using Anywire.Udp.Format;
using Grpc.Core;

namespace Anywire.Udp.Client;

/// <summary>What a caller needs to know of a method, found out once.</summary>
internal sealed record ClientMethod(IMethod Method, MethodContract Contract, uint Id, MessageSizes Sizes)
{
    public static ClientMethod Of(IMethod method, ContractTable contracts) =>
        new(method, contracts[method], MethodId.Of(method.FullName), MessageSizes.OfClient(method, UdpTransport.WireName));
}
