using System.Buffers;
using System.Buffers.Binary;
using System.Text.Json;
using Anywire.Diagnostics;
using Anywire.Http.Mapping;
using Grpc.Core;
using Microsoft.AspNetCore.Http;

namespace Anywire.Http.Server;

/// <summary>An answer in parts: messages, then how the call ended. As server-sent events in JSON, as frames in protobuf. One writer at a time.</summary>
internal sealed class ReplyStream(HttpContext http, Problems problems, bool isProtobuf, MessageSizes sizes)
{
    /// <summary>Marks the frame that tells how the call ended.</summary>
    public const byte EndFlag = 0x80;

    /// <summary>The bytes before a frame's payload: a flag, and the payload's length in network order.</summary>
    public const int FrameHeadBytes = 5;

    /// <summary>The name of the event that tells how the call ended.</summary>
    public const string EndEvent = "end";

    /// <summary>Whether the head of the response has been sent.</summary>
    public bool HasStarted { get; private set; }

    /// <summary>Sends the head of the response.</summary>
    public async Task StartAsync(Metadata? headers)
    {
        HasStarted = true;
        http.Response.StatusCode = StatusCodes.Status200OK;
        http.Response.ContentType = isProtobuf ? MediaTypes.Frames : MediaTypes.Events;
        http.Response.Headers.CacheControl = "no-store";
        if (headers is not null)
        {
            ResponseHead.AddHeaders(http.Response, headers);
        }
        await http.Response.StartAsync(http.RequestAborted);
        await FlushAsync(http.RequestAborted);
    }

    /// <summary>Writes one message, and waits while the reader is too slow.</summary>
    /// <exception cref="OperationCanceledException">The caller has gone, or the token was cancelled.</exception>
    public async Task WriteAsync<T>(Codec<T> codec, T message, CancellationToken cancellationToken)
        where T : class
    {
        var output = http.Response.BodyWriter;
        using var payload = new PooledBuffer(isProtobuf ? Codec<T>.SizeOf(message) ?? 512 : 512);
        codec.Write(payload, message, isProtobuf);
        sizes.Response(payload.Length);
        if (isProtobuf)
        {
            WriteFrame(output, 0, payload.Memory.Span);
        }
        else
        {
            output.Write("data: "u8);
            output.Write(payload.Memory.Span);
            output.Write("\n\n"u8);
        }
        await FlushAsync(cancellationToken);
    }

    /// <summary>Tells how the call ended.</summary>
    public async Task EndAsync(Status status, Metadata? trailers)
    {
        using var payload = new PooledBuffer(512);
        WriteEnd(payload, status, trailers);
        var output = http.Response.BodyWriter;
        if (isProtobuf)
        {
            WriteFrame(output, EndFlag, payload.Memory.Span);
        }
        else
        {
            output.Write("event: end\ndata: "u8);
            output.Write(payload.Memory.Span);
            output.Write("\n\n"u8);
        }
        await FlushAsync(http.RequestAborted);
    }

    private static void WriteFrame(IBufferWriter<byte> output, byte flag, ReadOnlySpan<byte> payload)
    {
        var head = output.GetSpan(FrameHeadBytes);
        head[0] = flag;
        BinaryPrimitives.WriteInt32BigEndian(head[1..], payload.Length);
        output.Advance(FrameHeadBytes);
        output.Write(payload);
    }

    private void WriteEnd(IBufferWriter<byte> output, Status status, Metadata? trailers)
    {
        using var json = new Utf8JsonWriter(output);
        json.WriteStartObject();
        if (status.StatusCode == StatusCode.OK)
        {
            json.WriteString("code", StatusCodeName.Of(StatusCode.OK));
        }
        else
        {
            problems.WriteMembers(json, HttpStatus.Of(status.StatusCode), status, trailers);
        }
        var told = (trailers ?? []).Where(t => !Problems.IsToldByProblem(t.Key)).ToLookup(t => t.Key, MetadataHeaders.ValueOf);
        if (told.Count > 0)
        {
            json.WriteStartObject("trailers");
            foreach (var values in told)
            {
                json.WriteStartArray(values.Key);
                foreach (var value in values)
                {
                    json.WriteStringValue(value);
                }
                json.WriteEndArray();
            }
            json.WriteEndObject();
        }
        json.WriteEndObject();
    }

    private async ValueTask FlushAsync(CancellationToken cancellationToken)
    {
        var flushed = await http.Response.BodyWriter.FlushAsync(cancellationToken);
        if (flushed.IsCompleted || flushed.IsCanceled)
        {
            // Nobody reads any more; the server does not throw for that.
            throw new OperationCanceledException(http.RequestAborted);
        }
    }
}
