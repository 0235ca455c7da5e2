using System.Collections.Immutable;
using Google.Api;
using Google.Protobuf.Reflection;

namespace Anywire.Http.Mapping;

/// <summary>One way to a method: a verb, a path, and where the request's fields are. Immutable.</summary>
/// <param name="Verb">The HTTP method.</param>
/// <param name="Path">The path.</param>
/// <param name="Body"><c>*</c>: the body holds all fields that the path does not; a field's name: it holds that field; empty: there is no body, and
/// what the path does not hold is in the query.</param>
/// <param name="ResponseBody">The field of the reply that the body is; empty: the whole reply.</param>
internal sealed record RestRoute(string Verb, PathTemplate Path, string Body, string ResponseBody)
{
    /// <summary>What every method answers to besides its own routes.</summary>
    public static RestRoute Default(string fullName) => new("POST", PathTemplate.Parse(fullName), "*", "");

    /// <summary>The routes of a method's <c>google.api.http</c> option; none when it has no such option.</summary>
    /// <exception cref="FormatException">A rule cannot be used.</exception>
    public static ImmutableArray<RestRoute> Of(MethodDescriptor method)
    {
        var rule = method.GetOptions()?.GetExtension(AnnotationsExtensions.Http);
        return rule is null ? [] : [Of(rule), .. rule.AdditionalBindings.Select(Of)];
    }

    private static RestRoute Of(HttpRule rule)
    {
        var (verb, path) = rule.PatternCase switch
        {
            HttpRule.PatternOneofCase.Get => ("GET", rule.Get),
            HttpRule.PatternOneofCase.Put => ("PUT", rule.Put),
            HttpRule.PatternOneofCase.Post => ("POST", rule.Post),
            HttpRule.PatternOneofCase.Delete => ("DELETE", rule.Delete),
            HttpRule.PatternOneofCase.Patch => ("PATCH", rule.Patch),
            HttpRule.PatternOneofCase.Custom when rule.Custom.Kind != "*" => (rule.Custom.Kind, rule.Custom.Path),
            _ => throw new FormatException($"A google.api.http rule has no verb: {rule}"),
        };
        return new RestRoute(verb, PathTemplate.Parse(path), rule.Body, rule.ResponseBody);
    }
}
