using System.Security.Cryptography;
using ArmAes = System.Runtime.Intrinsics.Arm.Aes;
using X86Aes = System.Runtime.Intrinsics.X86.Aes;

namespace Anywire.Udp.Sealing;

/// <summary>What datagrams are sealed with, as the control connection numbers it.</summary>
internal enum Cipher : byte
{
    /// <summary>AES-256-GCM (NIST SP 800-38D).</summary>
    Aes256Gcm = 1,

    /// <summary>ChaCha20-Poly1305 (RFC 8439).</summary>
    ChaCha20Poly1305 = 2,
}

/// <summary>Which ciphers this machine has.</summary>
internal static class Ciphers
{
    /// <summary>A set of ciphers, a bit each: 1 for AES-256-GCM, 2 for ChaCha20-Poly1305, and 4 when AES is done by the processor, so that it is the faster one.</summary>
    public static byte Own { get; } = (byte)(
        (AesGcm.IsSupported ? 1 : 0) | (ChaCha20Poly1305.IsSupported ? 2 : 0) | (X86Aes.IsSupported || ArmAes.IsSupported ? 4 : 0));

    private static bool Has(byte set, int bits) => (set & bits) == bits;

    /// <summary>What both sides use: AES when both do it by the processor, otherwise ChaCha20 when both have it; null when they have none in common.</summary>
    public static Cipher? Choose(byte caller, byte handler)
    {
        var both = (byte)(caller & handler);
        return Has(both, 1 | 4) ? Cipher.Aes256Gcm : Has(both, 2) ? Cipher.ChaCha20Poly1305 : Has(both, 1) ? Cipher.Aes256Gcm : null;
    }
}
