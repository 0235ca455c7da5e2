using System.Collections.Concurrent;
using System.Net;
using Twite.Hosting;

namespace Twite.Processes.Telemetry;

/// <summary>A span as the collector got it.</summary>
/// <param name="Process">Its <c>service.instance.id</c>.</param>
/// <param name="Trace">Hex.</param>
/// <param name="Id">Hex.</param>
/// <param name="Parent">Hex; empty for a root.</param>
/// <param name="Name">What it is called.</param>
internal sealed record CollectedSpan(string Process, string Trace, string Id, string Parent, string Name);

/// <summary>Takes what is sent by OTLP over HTTP, and keeps the spans.</summary>
internal sealed class Collector : IAsyncDisposable
{
    private readonly HttpListener _listener = new();
    private readonly ConcurrentQueue<CollectedSpan> _spans = new();
    private readonly Task _loop;

    public Collector()
    {
        Url = $"http://127.0.0.1:{UnusedPorts.Find()}";
        _listener.Prefixes.Add(Url + "/");
        _listener.Start();
        _loop = TakeAsync();
    }

    public string Url { get; }

    public IReadOnlyList<CollectedSpan> SpansOf(string trace) => [.. _spans.Where(s => s.Trace == trace)];

    public async ValueTask DisposeAsync()
    {
        _listener.Close();
        await _loop;
    }

    private async Task TakeAsync()
    {
        try
        {
            while (true)
            {
                var context = await _listener.GetContextAsync();
                using var body = new MemoryStream();
                await context.Request.InputStream.CopyToAsync(body);
                if (context.Request.Url!.AbsolutePath == "/v1/traces")
                {
                    Keep(ExportTraceServiceRequest.Parser.ParseFrom(body.ToArray()));
                }
                context.Response.ContentType = "application/x-protobuf";
                context.Response.ContentLength64 = 0;
                context.Response.Close();
            }
        }
        catch (Exception closed) when (closed is HttpListenerException or ObjectDisposedException)
        {
            // Disposed.
        }
    }

    private void Keep(ExportTraceServiceRequest request)
    {
        foreach (var resource in request.ResourceSpans)
        {
            var process = resource.Resource.Attributes.Single(a => a.Key == "service.instance.id").Value.StringValue;
            foreach (var span in resource.ScopeSpans.SelectMany(s => s.Spans))
            {
                _spans.Enqueue(new CollectedSpan(process, Hex(span.TraceId), Hex(span.SpanId), Hex(span.ParentSpanId), span.Name));
            }
        }
    }

    private static string Hex(Google.Protobuf.ByteString bytes) => Convert.ToHexStringLower(bytes.Span);
}
