using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Anywire.Udp.Format;

/// <summary>A method's name in four bytes: nothing has to be agreed before it can be called.</summary>
internal static class MethodId
{
    /// <summary>The first four bytes of SHA-256 of the gRPC path.</summary>
    public static uint Of(string fullName) => BinaryPrimitives.ReadUInt32BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes(fullName)));
}
