using System.Collections.Immutable;
using Anywire.Http.Json;
using Anywire.Http.Json.Text;
using Anywire.Http.Mapping;
using Google.Protobuf;
using Grpc.Core;

namespace Anywire.Http.Server;

/// <summary>Where what a call has made can be found: the contract's <c>location</c>, with fields of the reply in it. Immutable.</summary>
internal sealed class CreatedLocation
{
    private readonly PathTemplate _path;
    private readonly ImmutableArray<FieldPath> _fields;

    /// <exception cref="FormatException">It is no path, or names fields that the reply does not have.</exception>
    public CreatedLocation(IMethod method, string location, JsonMessage reply)
    {
        _path = PathTemplate.Parse(location);
        _fields = RouteFields.Of(method, _path, reply);
    }

    /// <summary>The path; null when the reply lacks a field.</summary>
    public string? Of(IMessage reply) => _path.Expand([.. _fields.Select(f => f.Text(reply))]);
}
