using System.Buffers;
using Grpc.Core;

namespace Anywire.Tcp.Connections;

/// <summary>A message's bytes, for its marshaller. One thread at a time.</summary>
internal sealed class MessageSource : DeserializationContext
{
    private ReadOnlySequence<byte> _bytes;

    public override int PayloadLength => (int)_bytes.Length;

    /// <summary>Reads a message.</summary>
    /// <returns>Null when the bytes are none of its type.</returns>
    public T? Read<T>(Marshaller<T> marshaller, in ReadOnlySequence<byte> bytes)
        where T : class
    {
        _bytes = bytes;
        try
        {
            return marshaller.ContextualDeserializer(this);
        }
        catch (Exception)
        {
            // Whatever a marshaller throws at bytes that it cannot read.
            return null;
        }
        finally
        {
            _bytes = default;
        }
    }

    public override byte[] PayloadAsNewBuffer() => _bytes.ToArray();

    public override ReadOnlySequence<byte> PayloadAsReadOnlySequence() => _bytes;
}
