using System.Buffers;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;

namespace Anywire.Http.Server;

/// <summary>Reads a whole body, up to a limit.</summary>
internal static class RequestBody
{
    /// <summary>Gives a whole body to a parser.</summary>
    /// <param name="http">The request.</param>
    /// <param name="method">What is called, for the error.</param>
    /// <param name="limit">The most bytes of the body.</param>
    /// <param name="parse">Called once; the bytes are gone when it returns.</param>
    /// <param name="cancellationToken">Ends the wait for more; asked for only when there is a wait.</param>
    /// <exception cref="HttpFailure">413: it is larger.</exception>
    /// <exception cref="BadHttpRequestException">It is malformed, or comes too slowly.</exception>
    public static async ValueTask<T> ReadAsync<T>(
        HttpContext http, string method, int limit, Func<ReadOnlySequence<byte>, T> parse, Func<CancellationToken> cancellationToken)
    {
        if (http.Request.ContentLength > limit)
        {
            throw HttpFailure.TooLarge(method, limit);
        }
        var reader = http.Request.BodyReader;
        if (!reader.TryRead(out var read))
        {
            read = await reader.ReadAsync(cancellationToken());
        }
        if (read.IsCompleted)
        {
            return Parse(reader, read.Buffer, method, limit, parse);
        }
        // The server stops receiving while much of a body waits, so what is there is taken out to make room.
        using var whole = new PooledBuffer(4096);
        while (true)
        {
            if (whole.Length + read.Buffer.Length > limit)
            {
                throw HttpFailure.TooLarge(method, limit);
            }
            foreach (var segment in read.Buffer)
            {
                whole.Write(segment.Span);
            }
            reader.AdvanceTo(read.Buffer.End);
            if (read.IsCompleted)
            {
                return parse(whole.Sequence);
            }
            read = await reader.ReadAsync(cancellationToken());
        }
    }

    private static T Parse<T>(PipeReader reader, ReadOnlySequence<byte> body, string method, int limit, Func<ReadOnlySequence<byte>, T> parse)
    {
        if (body.Length > limit)
        {
            throw HttpFailure.TooLarge(method, limit);
        }
        try
        {
            return parse(body);
        }
        finally
        {
            reader.AdvanceTo(body.End);
        }
    }
}
