using System.Collections.Immutable;
using Anywire.Diagnostics;
using Anywire.Udp.Format;
using Grpc.Core;

namespace Anywire.Udp.Client;

/// <summary>What a caller needs to know of a method, found out once.</summary>
internal sealed record ClientMethod(IMethod Method, MethodContract Contract, uint Id, MessageSizes Sizes)
{
    private static readonly ImmutableArray<string> LeftOutFirst = [AnywireDiagnostics.TraceStateKey, AnywireDiagnostics.TraceParentKey];

    public static ClientMethod Of(IMethod method, ContractTable contracts) =>
        new(method, contracts[method], MethodId.Of(method.FullName), MessageSizes.OfClient(method, UdpTransport.WireName));

    /// <summary>Writes a call with its request. Where there is no room for all of it, its trace context is left out: what is traced in part is better than
    /// what is not done.</summary>
    /// <param name="writer">What it is written into.</param>
    /// <param name="isAnswered">Whether it is a request, and no event.</param>
    /// <param name="metadata">What goes with it.</param>
    /// <param name="marshaller">Writes the request.</param>
    /// <param name="request">The request.</param>
    /// <exception cref="RpcException">RESOURCE_EXHAUSTED: it is larger than its contract allows, or than a datagram has room for.</exception>
    public void Write<TRequest>(MessageWriter writer, bool isAnswered, Metadata? metadata, Marshaller<TRequest> marshaller, TRequest request)
    {
        Begin(writer, isAnswered, metadata).Body(marshaller, request);
        if (writer.BodyLength > Contract.MaxRequestBytes)
        {
            throw RpcErrors.TooLarge(Method, "request", writer.BodyLength, Contract.MaxRequestBytes);
        }
        for (var i = 0; i < LeftOutFirst.Length && !writer.Fits; i++)
        {
            if (metadata?.Get(LeftOutFirst[i]) is { } entry)
            {
                metadata = Without(metadata, entry.Key);
                Begin(writer, isAnswered, metadata).Body(marshaller, request);
            }
        }
        if (!writer.Fits)
        {
            throw Unfit.Because(Method, "request", writer.Length);
        }
    }

    private MessageWriter Begin(MessageWriter writer, bool isAnswered, Metadata? metadata) =>
        isAnswered ? writer.Request(0, Messages.NoDeadline, Id, metadata) : writer.Event(Id, metadata);

    private static Metadata Without(Metadata metadata, string key)
    {
        var rest = new Metadata();
        foreach (var entry in metadata)
        {
            if (entry.Key != key)
            {
                rest.Add(entry);
            }
        }
        return rest;
    }
}
