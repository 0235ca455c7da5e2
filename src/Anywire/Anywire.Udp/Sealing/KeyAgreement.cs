using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Anywire.Udp.Sealing;

/// <summary>The keys of a session: they belong to a pair of services and to both their starts.</summary>
/// <param name="Cipher">What datagrams are sealed with.</param>
/// <param name="Caller">The service that calls, as its certificate names it.</param>
/// <param name="Handler">The service that is called, as its certificate names it.</param>
/// <param name="Session">The session.</param>
internal sealed record KeyAgreement(Cipher Cipher, string Caller, string Handler, uint Session)
{
    /// <summary>What each side contributes, over mutual TLS.</summary>
    public const int SecretBytes = 32;

    /// <summary>A new key.</summary>
    /// <param name="number">Its number, from 1.</param>
    /// <param name="callers">What the caller has contributed to it.</param>
    /// <param name="handlers">What the handler has.</param>
    /// <param name="ofCaller">Whether it is for what the caller sends, or for what the handler does.</param>
    public SealKey Derive(byte number, ReadOnlySpan<byte> callers, ReadOnlySpan<byte> handlers, bool ofCaller)
    {
        Span<byte> secret = stackalloc byte[2 * SecretBytes];
        callers.CopyTo(secret);
        handlers.CopyTo(secret[SecretBytes..]);
        Span<byte> key = stackalloc byte[SealKey.Bytes];
        HKDF.DeriveKey(HashAlgorithmName.SHA256, secret, key, salt: [], Info(number, ofCaller));
        var derived = new SealKey(Cipher, key, number);
        CryptographicOperations.ZeroMemory(secret);
        CryptographicOperations.ZeroMemory(key);
        return derived;
    }

    private byte[] Info(byte number, bool ofCaller)
    {
        var tail = new byte[5];
        BinaryPrimitives.WriteUInt32BigEndian(tail, Session);
        tail[4] = number;
        return [.. Encoding.UTF8.GetBytes($"anywire udp 1\0{(ofCaller ? "caller" : "handler")}\0{Caller}\0{Handler}\0"), .. tail];
    }
}
