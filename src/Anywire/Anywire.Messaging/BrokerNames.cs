using System.Buffers;

namespace Anywire.Messaging;

/// <summary>Which names an address means at its broker: <c>?network=NAME&amp;instance=NAME</c>, either may be left out. Immutable.</summary>
/// <param name="Network">What all names begin with.</param>
/// <param name="Instance">The one instance that is meant; null when any is.</param>
internal sealed record BrokerNames(string Network, string? Instance)
{
    /// <summary>Those of an address that asks for nothing.</summary>
    public static readonly BrokerNames Default = new("anywire", null);

    private static readonly SearchValues<char> Characters = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_");

    /// <summary>Those of an address; null when it asks for something that nobody knows.</summary>
    public static BrokerNames? Of(Endpoint endpoint)
    {
        var names = Default;
        foreach (var part in endpoint.Uri.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var value = part[(part.IndexOf('=') + 1)..];
            if (value.Length == 0 || value.AsSpan().ContainsAnyExcept(Characters))
            {
                return null;
            }
            switch (part[..^value.Length])
            {
                case "network=":
                    names = names with { Network = value };
                    break;
                case "instance=":
                    names = names with { Instance = value };
                    break;
                default:
                    return null;
            }
        }
        return names;
    }
}
