using System.Collections.Immutable;
using Anywire.Http.Json;
using Anywire.Http.Json.Text;
using Grpc.Core;

namespace Anywire.Http.Mapping;

/// <summary>Finds the fields that a path names.</summary>
internal static class RouteFields
{
    /// <summary>The fields that its variables stand for, in their order.</summary>
    /// <exception cref="FormatException">The message has no such field; the sentence names the method.</exception>
    public static ImmutableArray<FieldPath> Of(IMethod method, PathTemplate path, JsonMessage message)
    {
        try
        {
            return [.. path.Variables.Select(v => FieldPath.Parse(message, v.Field))];
        }
        catch (JsonFormatException error)
        {
            throw new FormatException($"The path \"{path}\" of {method.FullName} cannot be used: {error.Message}", error);
        }
    }
}
