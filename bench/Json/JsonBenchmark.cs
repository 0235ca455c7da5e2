using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Anywire.Http.Json;
using Google.Protobuf;

namespace Twite.Bench.Json;

/// <summary>What the JSON of the HTTP transport costs. The floor is System.Text.Json with generated code and the encoder that leaves other scripts
/// alone, on classes written for it. For orientation: protobuf's binary form, and Google's JSON.</summary>
internal static class JsonBenchmark
{
    private const double Most = 1.1;

    public static Task RunAsync()
    {
        // Its own options, not those of ASP.NET Core: any other would cost it its fast path.
        var json = PlainJson.Default;
        var (timeline, session) = (JsonSamples.Timeline(), JsonSamples.Session());
        Compare("timeline of 50", timeline, JsonSamples.Plain(timeline), json.TimelineRecord, 2_000);
        Compare("verify session", session, JsonSamples.Plain(session), json.SessionRecord, 60_000);
        return Task.CompletedTask;
    }

    private static void Compare<TMessage, T>(string what, TMessage message, T plain, JsonTypeInfo<T> type, int runs)
        where TMessage : IMessage<TMessage>
    {
        var codec = new JsonCodec(new JsonCodecOptions { IgnoreUnknownFields = true }).Of(message.Descriptor);
        var (buffer, plainBuffer) = (new ArrayBufferWriter<byte>(65_536), new ArrayBufferWriter<byte>(65_536));
        using var writer = new Utf8JsonWriter(plainBuffer, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true });

        void Write()
        {
            buffer.ResetWrittenCount();
            codec.Write(buffer, message);
        }
        void WritePlain()
        {
            plainBuffer.ResetWrittenCount();
            writer.Reset(plainBuffer);
            JsonSerializer.Serialize(writer, plain, type);
        }
        Write();
        WritePlain();
        var (bytes, plainBytes, binary) = (buffer.WrittenSpan.ToArray(), plainBuffer.WrittenSpan.ToArray(), message.ToByteArray());
        Console.WriteLine($"  {what}: {bytes.Length:N0} B of JSON, {plainBytes.Length:N0} B of the floor's, {binary.Length:N0} B of protobuf");
        var sequence = new ReadOnlySequence<byte>(bytes);
        Paired.Cpu(Write, WritePlain, runs).Print($"{what}: write", Most);
        Paired.Cpu(() => codec.Parse(sequence), () => JsonSerializer.Deserialize(plainBytes, type), runs).Print($"{what}: read", Most);
        Console.WriteLine(
            $"  {"",-4}allocated: write {Allocated(Write):N0} B, floor {Allocated(WritePlain):N0} B; "
            + $"read {Allocated(() => codec.Parse(sequence)):N0} B, floor {Allocated(() => JsonSerializer.Deserialize(plainBytes, type)):N0} B");
        Orient(what, message, binary, Math.Max(runs / 10, 1));
    }

    private static void Orient<TMessage>(string what, TMessage message, byte[] binary, int runs)
        where TMessage : IMessage<TMessage>
    {
        var (text, buffer) = (JsonFormatter.Default.Format(message), new byte[binary.Length]);
        var write = Paired.Cpu(() => JsonFormatter.Default.Format(message), () => message.WriteTo(buffer.AsSpan()), runs);
        var read = Paired.Cpu(() => JsonParser.Default.Parse(text, message.Descriptor), () => message.Descriptor.Parser.ParseFrom(binary), runs);
        Console.WriteLine(
            $"  {"",-4}for orientation: {what} by Google's JSON: write {write.Figure:N1}, read {read.Figure:N1} µs; "
            + $"protobuf: write {write.Floor:N1}, read {read.Floor:N1} µs");
    }

    private static long Allocated(Action action)
    {
        action();
        var before = GC.GetAllocatedBytesForCurrentThread();
        action();
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }
}
