using System.Net.Http.Headers;

namespace Twite.Web.Tests.Api;

/// <summary>A live stream as a program reads it: server-sent events (WHATWG HTML, section 9.2).</summary>
internal sealed class EventReader : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly HttpResponseMessage _reply;
    private readonly StreamReader _lines;

    private EventReader(HttpResponseMessage reply, Stream body)
    {
        _reply = reply;
        _lines = new StreamReader(body);
    }

    /// <summary>The id of the last event or mark, as a client sends it when it comes again.</summary>
    public string? LastId { get; private set; }

    /// <summary>Opens a stream and waits until it has begun: what happens from now on is shown.</summary>
    public static async Task<EventReader> OpenAsync(HttpClient http, string path, string? lastId = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (lastId is not null)
        {
            request.Headers.Add("Last-Event-ID", lastId);
        }
        var reply = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        Assert.True(reply.IsSuccessStatusCode, $"{(int)reply.StatusCode} {path}");
        Assert.Equal(new MediaTypeHeaderValue("text/event-stream"), reply.Content.Headers.ContentType);
        var reader = new EventReader(reply, await reply.Content.ReadAsStreamAsync());
        while (reader.LastId is null)
        {
            await reader.ReadBlockAsync();
        }
        return reader;
    }

    /// <summary>The next event; its data is one line.</summary>
    public async Task<(string Event, string Data)> NextAsync()
    {
        while (true)
        {
            var block = await ReadBlockAsync();
            if (block.TryGetValue("data", out var data))
            {
                return (block["event"], data);
            }
        }
    }

    public void Dispose()
    {
        _lines.Dispose();
        _reply.Dispose();
    }

    private async Task<Dictionary<string, string>> ReadBlockAsync()
    {
        var fields = new Dictionary<string, string>();
        while (true)
        {
            using var patience = new CancellationTokenSource(Patience);
            var line = await _lines.ReadLineAsync(patience.Token) ?? throw new EndOfStreamException("The stream ended.");
            if (line.Length == 0)
            {
                LastId = fields.GetValueOrDefault("id", LastId!);
                return fields;
            }
            if (line[0] != ':')
            {
                var colon = line.IndexOf(':');
                fields.Add(line[..colon], line[(colon + 1)..].TrimStart(' '));
            }
        }
    }
}
