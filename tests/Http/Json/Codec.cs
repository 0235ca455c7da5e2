using System.Buffers;
using System.Text;
using Anywire.Http.Json;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;

namespace Anywire.Http.Tests.Json;

/// <summary>The codec under test, from text to text.</summary>
internal static class Codec
{
    public static readonly TypeRegistry Types = TypeRegistry.FromFiles(
        KindsReflection.Descriptor, TimestampReflection.Descriptor, DurationReflection.Descriptor, StructReflection.Descriptor,
        WrappersReflection.Descriptor, EmptyReflection.Descriptor, AnyReflection.Descriptor, FieldMaskReflection.Descriptor);

    public static readonly JsonCodec Strict = new(new JsonCodecOptions { Types = Types });

    public static readonly JsonCodec Lenient = new(new JsonCodecOptions { Types = Types, IgnoreUnknownFields = true });

    public static string Write(IMessage message)
    {
        var buffer = new ArrayBufferWriter<byte>();
        Strict.Of(message.Descriptor).Write(buffer, message);
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    public static T Parse<T>(string json)
        where T : IMessage, new() => Parse<T>(Encoding.UTF8.GetBytes(json));

    public static T Parse<T>(byte[] json, JsonCodec? codec = null)
        where T : IMessage, new() => (T)(codec ?? Strict).Of(new T().Descriptor).Parse(new ReadOnlySequence<byte>(json));

    /// <summary>The sentence that refuses it.</summary>
    public static string Refusal<T>(string json)
        where T : IMessage, new() => Assert.Throws<JsonFormatException>(() => Parse<T>(json)).Message;
}
