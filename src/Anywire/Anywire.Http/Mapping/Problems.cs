using System.Buffers;
using System.Text.Json;
using Anywire.Http.Json;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using RpcStatus = Google.Rpc.Status;

namespace Anywire.Http.Mapping;

/// <summary>Failures as problem details (RFC 9457), and back: <c>title</c> and <c>status</c> are HTTP's, <c>detail</c> is the message for people,
/// <c>code</c> the name of gRPC's status, <c>details</c> what <c>google.rpc</c> adds. Any thread may use it.</summary>
internal sealed class Problems(JsonCodec codec)
{
    private const string DetailsKey = "grpc-status-details-bin";

    private readonly JsonMessage _any = codec.Of(Any.Descriptor);

    /// <summary>Whether a trailer is told by the problem itself.</summary>
    public static bool IsToldByProblem(string key) => key == DetailsKey;

    /// <summary>Writes one.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="httpStatus">The status it goes out with.</param>
    /// <param name="status">How the call ended.</param>
    /// <param name="trailers">The trailers, for the details among them.</param>
    public void Write(IBufferWriter<byte> output, int httpStatus, Status status, Metadata? trailers)
    {
        using var json = new Utf8JsonWriter(output, new JsonWriterOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
        json.WriteStartObject();
        WriteMembers(json, httpStatus, status, trailers);
        json.WriteEndObject();
    }

    /// <summary>Writes the members of one into an object that is open.</summary>
    public void WriteMembers(Utf8JsonWriter json, int httpStatus, Status status, Metadata? trailers)
    {
        json.WriteString("type", "about:blank");
        json.WriteString("title", HttpStatus.TitleOf(httpStatus));
        json.WriteNumber("status", httpStatus);
        json.WriteString("detail", status.Detail);
        json.WriteString("code", StatusCodeName.Of(status.StatusCode));
        var details = DetailsIn(trailers);
        if (details is { Count: > 0 })
        {
            json.WriteStartArray("details");
            foreach (var detail in details)
            {
                WriteDetail(json, detail);
            }
            json.WriteEndArray();
        }
    }

    /// <summary>How a call ended, by the problem it was answered with; null when the JSON is no problem of this kind.</summary>
    /// <param name="json">The whole body.</param>
    /// <param name="trailers">The other trailers; the details are added to them.</param>
    public Status? Read(ReadOnlySequence<byte> json, Metadata trailers)
    {
        try
        {
            using var document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = 32 });
            return Read(document.RootElement, trailers);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <inheritdoc cref="Read(ReadOnlySequence{byte}, Metadata)"/>
    public Status? Read(JsonElement problem, Metadata trailers)
    {
        if (problem.ValueKind != JsonValueKind.Object || HttpStatus.CodeOf(TextOf(problem, "code")) is not { } code)
        {
            return null;
        }
        var message = TextOf(problem, "detail") ?? "";
        if (problem.TryGetProperty("details", out var details) && details.ValueKind == JsonValueKind.Array)
        {
            var status = new RpcStatus { Code = (int)code, Message = message };
            status.Details.AddRange(details.EnumerateArray().Select(ReadDetail).OfType<Any>());
            trailers.Add(DetailsKey, status.ToByteArray());
        }
        return new Status(code, message);
    }

    /// <summary>The details of a failure; null when it has none, or none that can be read.</summary>
    public static IReadOnlyList<Any>? DetailsIn(Metadata? trailers)
    {
        try
        {
            return trailers?.GetValueBytes(DetailsKey) is { } bytes ? RpcStatus.Parser.ParseFrom(bytes).Details : null;
        }
        catch (InvalidProtocolBufferException)
        {
            return null;
        }
    }

    private static string? TextOf(JsonElement json, string name) =>
        json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private void WriteDetail(Utf8JsonWriter json, Any detail)
    {
        var buffer = new ArrayBufferWriter<byte>();
        try
        {
            _any.Write(buffer, detail);
            json.WriteRawValue(buffer.WrittenSpan);
        }
        catch (Exception error) when (error is JsonFormatException or InvalidProtocolBufferException or InvalidOperationException)
        {
            // A type that this program does not know, or bytes that are not of their type: they go as they are.
            json.WriteStartObject();
            json.WriteString("@type", detail.TypeUrl);
            json.WriteBase64String("value", detail.Value.Span);
            json.WriteEndObject();
        }
    }

    private Any? ReadDetail(JsonElement json)
    {
        try
        {
            return (Any)_any.Parse(new ReadOnlySequence<byte>(JsonSerializer.SerializeToUtf8Bytes(json)));
        }
        catch (JsonFormatException)
        {
            return TextOf(json, "@type") is { } type && json.TryGetProperty("value", out var value) && value.ValueKind == JsonValueKind.String
                && value.TryGetBytesFromBase64(out var bytes)
                    ? new Any { TypeUrl = type, Value = UnsafeByteOperations.UnsafeWrap(bytes) }
                    : null;
        }
    }
}
