using Grpc.Core;

namespace Anywire.Tcp.Tests.Bed;

/// <summary>Binds methods so that whoever writes a reply which says "held" waits until it is released, as for one that takes long to write.</summary>
internal sealed class HeldReplies(ServiceBinderBase inner, ManualResetEventSlim released) : ServiceBinderBase
{
    public override void AddMethod<TRequest, TResponse>(Method<TRequest, TResponse> method, UnaryServerMethod<TRequest, TResponse>? handler)
    {
        var held = Marshallers.Create<TResponse>(
            (reply, context) =>
            {
                if (reply is Line { Text: "held" })
                {
                    released.Wait();
                }
                method.ResponseMarshaller.ContextualSerializer(reply, context);
            },
            method.ResponseMarshaller.ContextualDeserializer);
        inner.AddMethod(new Method<TRequest, TResponse>(method.Type, method.ServiceName, method.Name, method.RequestMarshaller, held), handler);
    }

    public override void AddMethod<TRequest, TResponse>(Method<TRequest, TResponse> method, ServerStreamingServerMethod<TRequest, TResponse>? handler) =>
        inner.AddMethod(method, handler);

    public override void AddMethod<TRequest, TResponse>(Method<TRequest, TResponse> method, ClientStreamingServerMethod<TRequest, TResponse>? handler) =>
        inner.AddMethod(method, handler);
}
