using Anywire.Http.Mapping;
using Grpc.Core;

namespace Anywire.Http.Client;

/// <summary>Takes metadata out of a response's head.</summary>
internal static class ResponseMetadata
{
    public static Metadata Headers(HttpResponseMessage response)
    {
        var headers = new Metadata();
        foreach (var (name, values) in response.Headers.NonValidated)
        {
            if (!MetadataHeaders.IsReserved(name) && !name.StartsWith(MetadataHeaders.TrailerPrefix, StringComparison.OrdinalIgnoreCase)
                && !name.Equals(NotExecuted.TrailerKey, StringComparison.OrdinalIgnoreCase))
            {
                Add(headers, name, values);
            }
        }
        return headers;
    }

    public static Metadata Trailers(HttpResponseMessage response)
    {
        var trailers = new Metadata();
        foreach (var (name, values) in response.Headers.NonValidated)
        {
            if (name.StartsWith(MetadataHeaders.TrailerPrefix, StringComparison.OrdinalIgnoreCase))
            {
                Add(trailers, name[MetadataHeaders.TrailerPrefix.Length..], values);
            }
            else if (name.Equals(NotExecuted.TrailerKey, StringComparison.OrdinalIgnoreCase))
            {
                Add(trailers, name, values);
            }
        }
        return trailers;
    }

    private static void Add(Metadata metadata, string name, System.Net.Http.Headers.HeaderStringValues values)
    {
        foreach (var value in values)
        {
            MetadataHeaders.Add(metadata, name, value);
        }
    }
}
