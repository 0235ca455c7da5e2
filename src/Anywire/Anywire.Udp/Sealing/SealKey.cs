using System.Buffers.Binary;
using System.Security.Cryptography;
using Anywire.Udp.Format;

namespace Anywire.Udp.Sealing;

/// <summary>Seals or opens the datagrams of a session in one direction. One thread at a time.</summary>
internal sealed class SealKey : IDisposable
{
    public const int Bytes = 32;

    /// <summary>How many datagrams a key seals at most.</summary>
    public const ulong MostDatagrams = 1UL << 32;

    private const int NonceBytes = 12;

    private readonly AesGcm? _aes;
    private readonly ChaCha20Poly1305? _chaCha;
    private readonly byte[] _nonce = new byte[NonceBytes];

    public SealKey(Cipher cipher, ReadOnlySpan<byte> key, byte number)
    {
        Number = number;
        if (cipher == Cipher.Aes256Gcm)
        {
            _aes = new AesGcm(key, Datagram.TagBytes);
        }
        else
        {
            _chaCha = new ChaCha20Poly1305(key);
        }
    }

    /// <summary>Its number in the head of datagrams.</summary>
    public byte Number { get; }

    /// <summary>Seals a whole datagram in place: its head stays readable and is proved with the rest.</summary>
    /// <param name="datagram">Head, messages, and room for the tag.</param>
    /// <param name="counter">The counter in its head; never given twice.</param>
    public void Seal(Span<byte> datagram, ulong counter)
    {
        BinaryPrimitives.WriteUInt64BigEndian(_nonce.AsSpan(NonceBytes - sizeof(ulong)), counter);
        var (head, messages, tag) = Parts(datagram);
        if (_aes is not null)
        {
            _aes.Encrypt(_nonce, messages, messages, tag, head);
        }
        else
        {
            _chaCha!.Encrypt(_nonce, messages, messages, tag, head);
        }
    }

    /// <summary>Opens a whole datagram in place; false when it was not sealed with this key, or was changed.</summary>
    public bool TryOpen(Span<byte> datagram, ulong counter)
    {
        BinaryPrimitives.WriteUInt64BigEndian(_nonce.AsSpan(NonceBytes - sizeof(ulong)), counter);
        var (head, messages, tag) = Parts(datagram);
        try
        {
            if (_aes is not null)
            {
                _aes.Decrypt(_nonce, messages, tag, messages, head);
            }
            else
            {
                _chaCha!.Decrypt(_nonce, messages, tag, messages, head);
            }
            return true;
        }
        catch (AuthenticationTagMismatchException)
        {
            return false;
        }
    }

    public void Dispose()
    {
        _aes?.Dispose();
        _chaCha?.Dispose();
    }

    private static DatagramParts Parts(Span<byte> datagram) =>
        new(datagram[..Datagram.HeadBytes], datagram[Datagram.HeadBytes..^Datagram.TagBytes], datagram[^Datagram.TagBytes..]);

    private readonly ref struct DatagramParts(Span<byte> head, Span<byte> messages, Span<byte> tag)
    {
        private readonly Span<byte> _head = head;
        private readonly Span<byte> _messages = messages;
        private readonly Span<byte> _tag = tag;

        public void Deconstruct(out Span<byte> head, out Span<byte> messages, out Span<byte> tag)
        {
            head = _head;
            messages = _messages;
            tag = _tag;
        }
    }
}
