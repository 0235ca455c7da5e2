using System.Buffers;
using System.Buffers.Text;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Twite.Web.Live;

/// <summary>The wire format of server-sent events (WHATWG HTML, section 9.2), encoded once and written to many.</summary>
internal static class ServerSentEvents
{
    /// <summary>A comment: keeps proxies from closing the stream, and says nothing.</summary>
    public static readonly ReadOnlyMemory<byte> Comment = ":\n\n"u8.ToArray();

    /// <summary>Prepares a response: headers that keep caches and buffers away.</summary>
    public static async Task StartAsync(HttpResponse response, CancellationToken cancellationToken)
    {
        response.ContentType = "text/event-stream";
        response.Headers.CacheControl = "no-store";
        response.Headers["X-Accel-Buffering"] = "no";
        response.HttpContext.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        await response.StartAsync(cancellationToken);
    }

    /// <summary>How long a client waits before it reconnects, and the mark it starts from. An event without data is not shown, yet sets the
    /// id that the client reconnects with.</summary>
    public static ReadOnlyMemory<byte> EncodeStart(TimeSpan retry, long mark) =>
        Encoding.UTF8.GetBytes($"retry: {(long)retry.TotalMilliseconds}\nid: {mark}\n\n");

    /// <summary>An event as it was encoded, without its id: the client's mark stays as it is.</summary>
    public static ReadOnlyMemory<byte> WithoutId(ReadOnlyMemory<byte> encoded) =>
        encoded.Span.StartsWith("id: "u8) ? encoded[(encoded.Span.IndexOf((byte)'\n') + 1)..] : encoded;

    /// <summary>A heartbeat that also moves the client's mark: nothing up to it is owed.</summary>
    public static ReadOnlyMemory<byte> EncodeMark(long mark) => Encoding.UTF8.GetBytes($":\nid: {mark}\n\n");

    /// <summary>One event.</summary>
    /// <param name="id">0: the client's mark stays as it is.</param>
    /// <param name="rendered">What it carries.</param>
    public static ReadOnlyMemory<byte> Encode(long id, RenderedEvent rendered)
    {
        var bytes = new ArrayBufferWriter<byte>(rendered.Data.Length + 64);
        if (id > 0)
        {
            bytes.Write("id: "u8);
            Utf8Formatter.TryFormat(id, bytes.GetSpan(20), out var length);
            bytes.Advance(length);
            bytes.Write("\n"u8);
        }
        bytes.Write("event: "u8);
        Encoding.UTF8.GetBytes(rendered.Name, bytes);

        // A carriage return ends a line too: left alone it would let what people write begin a field of its own.
        var rest = rendered.Data.Span;
        while (true)
        {
            bytes.Write("\ndata: "u8);
            var end = rest.IndexOfAny((byte)'\n', (byte)'\r');
            if (end < 0)
            {
                bytes.Write(rest);
                bytes.Write("\n\n"u8);
                return bytes.WrittenMemory;
            }
            bytes.Write(rest[..end]);
            rest = rest[end..].StartsWith("\r\n"u8) ? rest[(end + 2)..] : rest[(end + 1)..];
        }
    }
}
