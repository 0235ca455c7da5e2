using Anywire.Http.Mapping;
using Grpc.Core;
using Microsoft.AspNetCore.Http;

namespace Anywire.Http.Server;

/// <summary>Puts metadata into a response's head.</summary>
internal static class ResponseHead
{
    public static void AddHeaders(HttpResponse response, Metadata headers)
    {
        foreach (var entry in headers)
        {
            if (!MetadataHeaders.IsReserved(entry.Key))
            {
                response.Headers.Append(entry.Key, MetadataHeaders.ValueOf(entry));
            }
        }
    }

    public static void AddTrailers(HttpResponse response, Metadata? trailers)
    {
        foreach (var entry in trailers ?? [])
        {
            if (entry.Key == NotExecuted.TrailerKey)
            {
                // Whoever balances calls looks for it there.
                response.Headers[entry.Key] = entry.Value;
            }
            else if (!Problems.IsToldByProblem(entry.Key))
            {
                response.Headers.Append(MetadataHeaders.TrailerPrefix + entry.Key, MetadataHeaders.ValueOf(entry));
            }
        }
    }
}
