using System.Buffers.Binary;
using System.Text;

namespace Anywire.Tcp.Format;

/// <summary>Reads the fields of a payload, in order. Throws <see cref="ProtocolException"/> when it ends too early.</summary>
internal ref struct PayloadReader(ReadOnlySpan<byte> payload)
{
    private ReadOnlySpan<byte> _rest = payload;

    /// <summary>What has not been read.</summary>
    public readonly ReadOnlySpan<byte> Rest => _rest;

    public byte Byte() => Bytes(1)[0];

    public ushort UInt16() => BinaryPrimitives.ReadUInt16BigEndian(Bytes(2));

    public uint UInt32() => BinaryPrimitives.ReadUInt32BigEndian(Bytes(4));

    /// <summary>Text of so many bytes.</summary>
    public string Text(int length) => Encoding.UTF8.GetString(Bytes(length));

    public ReadOnlySpan<byte> Bytes(int length)
    {
        if (length > _rest.Length)
        {
            throw new ProtocolException("a frame ends in the middle of a field");
        }
        var bytes = _rest[..length];
        _rest = _rest[length..];
        return bytes;
    }
}
