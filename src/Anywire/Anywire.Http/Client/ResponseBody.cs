namespace Anywire.Http.Client;

/// <summary>Reads a whole body, up to a limit.</summary>
internal static class ResponseBody
{
    /// <summary>Reads it into pooled memory, which the caller disposes; null when it is larger than the limit.</summary>
    public static async ValueTask<PooledBuffer?> ReadAsync(HttpResponseMessage response, int limit, CancellationToken cancellationToken)
    {
        var stated = response.Content.Headers.ContentLength;
        if (stated > limit)
        {
            return null;
        }
        var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
        var body = new PooledBuffer((int)(stated ?? 2048) + 1);
        try
        {
            while (true)
            {
                var read = await stream.ReadAsync(body.GetMemory(body.Length == stated ? 1 : 512), cancellationToken);
                if (read == 0)
                {
                    return body;
                }
                body.Advance(read);
                if (body.Length > limit)
                {
                    body.Dispose();
                    return null;
                }
            }
        }
        catch
        {
            body.Dispose();
            throw;
        }
    }
}
