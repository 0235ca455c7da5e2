using System.Collections.Immutable;
using System.Text;
using Anywire.Diagnostics;
using Anywire.Identity;
using Grpc.Core;

namespace Anywire.Udp.Format;

/// <summary>Metadata as a datagram has it: keys that every call may have take one byte, and a trace parent the 25 bytes that it stands for.</summary>
internal static class MetadataFormat
{
    private const byte IsKnown = 0x80;
    private const byte PackedTraceParent = IsKnown;
    private const int TraceParentChars = 55;
    private const int TraceParentBytes = 25;

    private static readonly System.Buffers.SearchValues<char> LowerHex = System.Buffers.SearchValues.Create("0123456789abcdef");

    private static readonly ImmutableArray<string> Known =
    [
        // 0 stands for a packed trace parent.
        "", AnywireDiagnostics.TraceParentKey, AnywireDiagnostics.TraceStateKey, EventMetadata.IdKey, PeerIdentity.ClaimKey, UserIdentity.MetadataKey, NotExecuted.TrailerKey,
        "grpc-status-details-bin",
    ];

    /// <summary>How many entries, then each: its key, the bytes of its value.</summary>
    /// <exception cref="RpcException">RESOURCE_EXHAUSTED: no datagram can say that.</exception>
    public static MessageWriter Metadata(this MessageWriter message, Metadata? metadata)
    {
        var count = metadata?.Count ?? 0;
        if (count > byte.MaxValue)
        {
            throw new RpcException(new Status(StatusCode.ResourceExhausted, $"A datagram carries at most {byte.MaxValue} entries of metadata, and these are {count:N0}. Use another wire."));
        }
        message.Byte((byte)count);
        for (var i = 0; i < count; i++)
        {
            Write(message, metadata![i]);
        }
        return message;
    }

    /// <summary>As many entries, in their order, as there is room for in a message of so many bytes.</summary>
    public static MessageWriter MetadataThatFits(this MessageWriter message, Metadata metadata, int room)
    {
        var fitting = new Metadata();
        var start = message.Length;
        message.Byte(0);
        foreach (var entry in metadata)
        {
            if (entry.Key.Length >= IsKnown || fitting.Count == byte.MaxValue)
            {
                continue;
            }
            var before = message.Length;
            Write(message, entry);
            if (message.Length > room)
            {
                message.Truncate(before);
                continue;
            }
            fitting.Add(entry);
        }
        message.Truncate(start);
        return message.Metadata(fitting);
    }

    /// <exception cref="MalformedMessageException">It is none.</exception>
    public static Metadata? Metadata(this MessageReader message)
    {
        var count = message.Byte();
        if (count == 0)
        {
            return null;
        }
        var metadata = new Metadata();
        for (; count > 0; count--)
        {
            metadata.Add(Read(message));
        }
        return metadata;
    }

    private static void Write(MessageWriter message, Metadata.Entry entry)
    {
        if (entry.Key == AnywireDiagnostics.TraceParentKey && TryPack(message, entry.Value))
        {
            return;
        }
        var known = Known.IndexOf(entry.Key);
        if (known > 0)
        {
            message.Byte((byte)(IsKnown | known));
        }
        else
        {
            if (entry.Key.Length >= IsKnown)
            {
                throw new RpcException(new Status(StatusCode.ResourceExhausted, $"A datagram carries keys of at most {IsKnown - 1} characters in metadata. Use another wire."));
            }
            // gRPC allows ASCII alone in keys.
            message.Byte((byte)entry.Key.Length).Bytes(Encoding.ASCII.GetBytes(entry.Key));
        }
        if (entry.IsBinary)
        {
            var value = entry.ValueBytes;
            message.UInt16(Math.Min(value.Length, ushort.MaxValue)).Bytes(value.AsSpan(0, Math.Min(value.Length, ushort.MaxValue)));
        }
        else
        {
            message.Text(entry.Value);
        }
    }

    private static Metadata.Entry Read(MessageReader message)
    {
        var head = message.Byte();
        if (head == PackedTraceParent)
        {
            var packed = Convert.ToHexStringLower(message.Take(TraceParentBytes));
            return new Metadata.Entry(AnywireDiagnostics.TraceParentKey, $"00-{packed[..32]}-{packed[32..48]}-{packed[48..]}");
        }
        if ((head & IsKnown) != 0 && (head & ~IsKnown) >= Known.Length)
        {
            throw new MalformedMessageException("Metadata has a key of a number that is not known.");
        }
        var key = (head & IsKnown) != 0 ? Known[head & ~IsKnown] : Encoding.ASCII.GetString(message.Take(head));
        try
        {
            return key.EndsWith(Grpc.Core.Metadata.BinaryHeaderSuffix, StringComparison.Ordinal)
                ? new Metadata.Entry(key, message.Take(message.UInt16()).ToArray())
                : new Metadata.Entry(key, message.Text());
        }
        catch (ArgumentException)
        {
            throw new MalformedMessageException("Metadata has a key that gRPC does not allow.");
        }
    }

    private static bool TryPack(MessageWriter message, string value)
    {
        if (value.Length != TraceParentChars || !value.StartsWith("00-", StringComparison.Ordinal) || value[35] != '-' || value[52] != '-')
        {
            return false;
        }
        Span<char> digits = stackalloc char[2 * TraceParentBytes];
        value.AsSpan(3, 32).CopyTo(digits);
        value.AsSpan(36, 16).CopyTo(digits[32..]);
        value.AsSpan(53, 2).CopyTo(digits[48..]);
        Span<byte> packed = stackalloc byte[TraceParentBytes];
        if (digits.ContainsAnyExcept(LowerHex) || Convert.FromHexString(digits, packed, out _, out _) != System.Buffers.OperationStatus.Done)
        {
            return false;
        }
        message.Byte(PackedTraceParent).Bytes(packed);
        return true;
    }
}
