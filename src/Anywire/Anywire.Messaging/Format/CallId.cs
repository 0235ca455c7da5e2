using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;

namespace Anywire.Messaging.Format;

/// <summary>Names a call among all calls of all callers: 8 random bytes of the calling instance, 8 bytes that count its calls.</summary>
internal readonly record struct CallId(ulong Instance, ulong Number)
{
    public const int Length = 16;

    public static ulong NewInstance() => BinaryPrimitives.ReadUInt64BigEndian(RandomNumberGenerator.GetBytes(8));

    /// <summary>Reads what <see cref="ToString"/> wrote.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out CallId id)
    {
        id = default;
        if (text.Length != 2 * Length
            || !ulong.TryParse(text[..Length], NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var instance)
            || !ulong.TryParse(text[Length..], NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var number))
        {
            return false;
        }
        id = new CallId(instance, number);
        return true;
    }

    /// <summary>32 hexadecimal digits.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Instance:x16}{Number:x16}");
}
