using System.Buffers;
using Anywire.Diagnostics;
using Google.Protobuf;
using Grpc.Core;

namespace Anywire.Grpc;

/// <summary>Puts a method's own size limits into its marshallers: gRPC's library knows one limit for all methods only, which guards memory
/// and is the largest of them.</summary>
internal static class SizeLimits
{
    /// <summary>The largest message any method may carry, in bytes. Services without a contract (health, reflection) have the default limits.</summary>
    public static int Largest(ContractTable contracts) =>
        contracts.All.Aggregate(MethodContract.DefaultMaxMessageBytes, (most, c) => Math.Max(most, Math.Max(c.MaxRequestBytes, c.MaxReplyBytes)));

    /// <summary>The method as a server sees it: requests are checked before they are parsed, replies while they are written.</summary>
    public static Method<TRequest, TResponse> ForServer<TRequest, TResponse>(Method<TRequest, TResponse> method, MethodContract contract)
    {
        var sizes = MessageSizes.OfServer(method, GrpcTransport.WireName);
        return new Method<TRequest, TResponse>(
            method.Type, method.ServiceName, method.Name,
            Incoming(method.RequestMarshaller, method, "request", contract.MaxRequestBytes, sizes.Request),
            Outgoing(method.ResponseMarshaller, method, "reply", contract.MaxReplyBytes, sizes.Response));
    }

    /// <summary>The method as a client sees it: replies are checked before they are parsed, requests that cannot tell their size while they
    /// are written; the invoker looks at all others before a call begins.</summary>
    public static Method<TRequest, TResponse> ForClient<TRequest, TResponse>(
        Method<TRequest, TResponse> method, MethodContract contract, MessageSizes sizes) =>
        new(method.Type, method.ServiceName, method.Name,
            typeof(IMessage).IsAssignableFrom(typeof(TRequest))
                ? method.RequestMarshaller
                : Outgoing(method.RequestMarshaller, method, "request", contract.MaxRequestBytes, sizes.Request),
            Incoming(method.ResponseMarshaller, method, "reply", contract.MaxReplyBytes, sizes.Response));

    private static Marshaller<T> Incoming<T>(Marshaller<T> marshaller, IMethod method, string what, int limit, Action<long> record)
    {
        var parse = marshaller.ContextualDeserializer;
        return new Marshaller<T>(
            marshaller.ContextualSerializer,
            context =>
            {
                if (context.PayloadLength > limit)
                {
                    throw RpcErrors.TooLarge(method, what, context.PayloadLength, limit);
                }
                record(context.PayloadLength);
                return parse(context);
            });
    }

    private static Marshaller<T> Outgoing<T>(Marshaller<T> marshaller, IMethod method, string what, int limit, Action<long> record)
    {
        var write = marshaller.ContextualSerializer;
        return new Marshaller<T>(
            (message, context) =>
            {
                var limited = new LimitedContext(context, method, what, limit);
                write(message, limited);
                record(limited.Length);
            },
            marshaller.ContextualDeserializer);
    }

    /// <summary>Refuses a message when it says how long it is, before any of it is written; one that does not say so, while it is.</summary>
    private sealed class LimitedContext(SerializationContext inner, IMethod method, string what, int limit) : SerializationContext
    {
        private bool _isKnown;

        /// <summary>The bytes of the message, once it is written.</summary>
        public long Length { get; private set; }

        public override void SetPayloadLength(int payloadLength)
        {
            Check(payloadLength);
            _isKnown = true;
            inner.SetPayloadLength(payloadLength);
        }

        public override IBufferWriter<byte> GetBufferWriter() =>
            _isKnown ? inner.GetBufferWriter() : new CountingWriter(inner.GetBufferWriter(), this);

        public override void Complete() => inner.Complete();

        public override void Complete(byte[] payload)
        {
            Check(payload.Length);
            inner.Complete(payload);
        }

        private void Check(long size)
        {
            if (size > limit)
            {
                throw RpcErrors.TooLarge(method, what, size, limit);
            }
            Length = size;
        }

        private sealed class CountingWriter(IBufferWriter<byte> inner, LimitedContext context) : IBufferWriter<byte>
        {
            private long _written;

            public void Advance(int count)
            {
                context.Check(_written += count);
                inner.Advance(count);
            }

            public Memory<byte> GetMemory(int sizeHint = 0) => inner.GetMemory(sizeHint);

            public Span<byte> GetSpan(int sizeHint = 0) => inner.GetSpan(sizeHint);
        }
    }
}
