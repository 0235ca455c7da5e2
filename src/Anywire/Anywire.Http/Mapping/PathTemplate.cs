using System.Buffers;
using System.Collections.Immutable;
using System.Text;

namespace Anywire.Http.Mapping;

/// <summary>A path of <c>google.api.http</c> (google/api/http.proto, "Path template syntax"): literals, and variables that stand for fields. Immutable.</summary>
internal sealed class PathTemplate
{
    private static readonly SearchValues<char> NotLiteral = SearchValues.Create("{}*?#% ");

    private readonly string _source;
    private readonly ImmutableArray<Part> _parts;

    private PathTemplate(string source, ImmutableArray<Part> parts, ImmutableArray<Variable> variables, string verb)
    {
        (_source, _parts, Variables, Verb) = (source, parts, variables, verb);
        Pattern = ToPattern();
    }

    private enum Kind
    {
        Literal,
        OneSegment,
        Rest,
    }

    /// <summary>The variables, in their order.</summary>
    public ImmutableArray<Variable> Variables { get; }

    /// <summary>The custom verb behind the last colon, with the colon; empty when there is none.</summary>
    public string Verb { get; }

    /// <summary>The same as a pattern of ASP.NET Core's routing.</summary>
    public string Pattern { get; }

    /// <summary>Parses a template.</summary>
    /// <exception cref="FormatException">It is none; the message says where.</exception>
    public static PathTemplate Parse(string template)
    {
        if (template.Length == 0 || template[0] != '/')
        {
            throw Wrong(template, "it does not begin with a slash");
        }
        var (parts, variables) = (ImmutableArray.CreateBuilder<Part>(), ImmutableArray.CreateBuilder<Variable>());
        var rest = template[1..];
        var verb = "";
        var colon = rest.LastIndexOf(':');
        if (colon > rest.LastIndexOf('/') && colon > rest.LastIndexOf('}'))
        {
            (rest, verb) = (rest[..colon], rest[colon..]);
        }
        while (rest.Length > 0)
        {
            var end = rest[0] == '{' ? rest.IndexOf('}', StringComparison.Ordinal) + 1 : rest.IndexOf('/', StringComparison.Ordinal);
            if (rest[0] == '{' && end == 0)
            {
                throw Wrong(template, "a brace is not closed");
            }
            var segment = end < 0 ? rest : rest[..end];
            AddSegment(template, segment, parts, variables);
            rest = end < 0 || end == rest.Length ? "" : rest[end] == '/' && end + 1 < rest.Length ? rest[(end + 1)..] : throw Wrong(template, "a segment is empty, or more than one thing");
        }
        if (parts.Count == 0 || parts.Take(parts.Count - 1).Any(p => p.Kind == Kind.Rest) || (verb.Length > 0 && parts[^1].Kind == Kind.Rest))
        {
            throw Wrong(template, "it is empty, or \"**\" is not its end");
        }
        return new PathTemplate(template, parts.ToImmutable(), variables.ToImmutable(), verb);
    }

    /// <summary>The path with values in place of the variables, percent-encoded; null when a value cannot stand where its variable does.</summary>
    public string? Expand(ReadOnlySpan<string?> values)
    {
        var path = new StringBuilder();
        for (var v = -1; path.Length < int.MaxValue;)
        {
            // Literals before the next variable, then the variable.
            var first = v < 0 ? 0 : Variables[v].First + Variables[v].Count;
            var next = ++v < Variables.Length ? Variables[v].First : _parts.Length;
            for (var i = first; i < next; i++)
            {
                if (_parts[i].Kind != Kind.Literal)
                {
                    // A wildcard that stands for no field: nobody says what belongs there.
                    return null;
                }
                path.Append('/').Append(_parts[i].Text);
            }
            if (v == Variables.Length)
            {
                return path.Append(Verb).ToString();
            }
            if (!Append(path, Variables[v], values[v]))
            {
                return null;
            }
        }
        return null;
    }

    /// <summary>The value of a variable in a request.</summary>
    /// <param name="variable">One of <see cref="Variables"/>.</param>
    /// <param name="captured">What the routing captured for a part of the pattern.</param>
    /// <param name="rawPath">The path as it came, still encoded.</param>
    public string ValueOf(Variable variable, Func<string, string?> captured, string rawPath)
    {
        if (variable.Count == 1 && captured(Name(variable.First)) is { } plain && !plain.Contains("%2", StringComparison.Ordinal))
        {
            return plain;
        }
        // Routing cannot tell an encoded slash from one that was encoded twice: the path as it came can.
        var segments = rawPath.Split('/');
        var values = new List<string>();
        for (var i = variable.First; i < variable.First + variable.Count; i++)
        {
            var last = _parts[i].Kind == Kind.Rest ? segments.Length - 1 : i + 1;
            for (var s = i + 1; s <= last && s < segments.Length; s++)
            {
                var segment = s == segments.Length - 1 && Verb.Length > 0 && segments[s].EndsWith(Verb, StringComparison.Ordinal) ? segments[s][..^Verb.Length] : segments[s];
                values.Add(Uri.UnescapeDataString(segment));
            }
        }
        return string.Join('/', values);
    }

    /// <summary>The path with the fields' names in braces, whatever they may hold.</summary>
    public string Describe()
    {
        var path = new StringBuilder();
        for (var i = 0; i < _parts.Length; i++)
        {
            var variable = Variables.FirstOrDefault(v => v.First <= i && i < v.First + v.Count);
            if (variable.Field is null)
            {
                path.Append('/').Append(_parts[i].Kind == Kind.Literal ? _parts[i].Text : "*");
            }
            else if (variable.First == i)
            {
                path.Append("/{").Append(variable.Field).Append('}');
            }
        }
        return path.Append(Verb).ToString();
    }

    public override string ToString() => _source;

    private static void AddSegment(string template, string segment, ImmutableArray<Part>.Builder parts, ImmutableArray<Variable>.Builder variables)
    {
        if (segment.StartsWith('{'))
        {
            var inner = segment[1..^1];
            var equals = inner.IndexOf('=', StringComparison.Ordinal);
            var first = parts.Count;
            foreach (var part in (equals < 0 ? "*" : inner[(equals + 1)..]).Split('/'))
            {
                parts.Add(ToPart(template, part));
            }
            variables.Add(new Variable(equals < 0 ? inner : inner[..equals], first, parts.Count - first));
            return;
        }
        parts.Add(ToPart(template, segment));
    }

    private static Part ToPart(string template, string segment) => segment switch
    {
        "*" => new Part(Kind.OneSegment, ""),
        "**" => new Part(Kind.Rest, ""),
        "" => throw Wrong(template, "a segment is empty"),
        _ when segment.AsSpan().ContainsAny(NotLiteral) => throw Wrong(template, $"\"{segment}\" is no literal"),
        _ => new Part(Kind.Literal, segment),
    };

    private static FormatException Wrong(string template, string why) => new($"The path \"{template}\" of a google.api.http rule cannot be used: {why}.");

    private static string Name(int part) => "p" + part.ToString(System.Globalization.CultureInfo.InvariantCulture);

    private bool Append(StringBuilder path, Variable variable, string? value)
    {
        if (string.IsNullOrEmpty(value))
        {
            return false;
        }
        var segments = variable.Count == 1 && _parts[variable.First].Kind == Kind.OneSegment ? [value] : value.Split('/');
        if (_parts[variable.First + variable.Count - 1].Kind == Kind.Rest ? segments.Length < variable.Count : segments.Length != variable.Count)
        {
            return false;
        }
        for (var i = 0; i < segments.Length; i++)
        {
            var part = _parts[variable.First + Math.Min(i, variable.Count - 1)];
            // Every server takes dots for "here" and "above".
            if (segments[i] is "" or "." or ".." || (part.Kind == Kind.Literal && part.Text != segments[i]))
            {
                return false;
            }
            path.Append('/').Append(Uri.EscapeDataString(segments[i]));
        }
        return true;
    }

    private string ToPattern() => "/" + string.Join('/', _parts.Select((part, i) => part.Kind switch
    {
        Kind.OneSegment => $"{{{Name(i)}}}",
        Kind.Rest => $"{{**{Name(i)}}}",
        _ => part.Text,
    })) + Verb;

    /// <summary>A variable: the field it stands for, and which parts of the path it covers.</summary>
    internal readonly record struct Variable(string Field, int First, int Count);

    private readonly record struct Part(Kind Kind, string Text);
}
