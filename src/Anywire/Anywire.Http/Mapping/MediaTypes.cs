using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace Anywire.Http.Mapping;

/// <summary>What bodies are, and what a peer asked for.</summary>
internal static class MediaTypes
{
    public const string Json = "application/json";
    public const string Problem = "application/problem+json";
    public const string Protobuf = "application/protobuf";

    /// <summary>Server-sent events (WHATWG HTML, section 9.2): a stream in JSON.</summary>
    public const string Events = "text/event-stream";

    /// <summary>Frames, as the README describes them: a stream in protobuf.</summary>
    public const string Frames = "application/vnd.anywire.stream";

    // What Google's servers and older clients call it.
    private const string OldProtobuf = "application/x-protobuf";

    public static bool IsProtobuf(ReadOnlySpan<char> contentType) => Is(contentType, Protobuf) || Is(contentType, OldProtobuf);

    public static bool IsJson(ReadOnlySpan<char> contentType) => Is(contentType, Json);

    /// <summary>Whether a Content-Type is of a type, whatever its parameters.</summary>
    public static bool Is(ReadOnlySpan<char> contentType, string type)
    {
        var end = contentType.IndexOf(';');
        return (end < 0 ? contentType : contentType[..end]).Trim().Equals(type, StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>Whether protobuf is what a peer would rather have; what it sent when it does not say.</summary>
    public static bool PrefersProtobuf(StringValues accept, bool sentProtobuf)
    {
        var only = accept.Count == 1 ? accept[0] : null;
        if (accept.Count == 0 || only is "*/*")
        {
            return sentProtobuf;
        }
        if (only is Json or Events)
        {
            return false;
        }
        if (only is Protobuf or Frames)
        {
            return true;
        }
        var (protobuf, json) = (0.0, 0.0);
        foreach (var wanted in MediaTypeHeaderValue.TryParseList(accept, out var parsed) ? parsed : [])
        {
            var quality = wanted.Quality ?? 1;
            var type = wanted.MediaType.AsSpan();
            if (IsProtobuf(type) || Is(type, Frames))
            {
                protobuf = Math.Max(protobuf, quality);
            }
            else if (IsJson(type) || Is(type, Events) || wanted.MatchesAllTypes || Is(type, "application/*"))
            {
                json = Math.Max(json, quality);
            }
        }
        return protobuf > json || (protobuf == json && sentProtobuf);
    }
}
