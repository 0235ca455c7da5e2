using System.Globalization;

namespace Twite.Style;

/// <summary>One difference between the contracts as they were promised and as they are.</summary>
/// <param name="Breaks">Somebody who was built against the old ones may stop working.</param>
/// <param name="What">The difference, for people.</param>
internal sealed record ContractChange(bool Breaks, string What)
{
    /// <summary>All differences between two lists of <see cref="ContractText"/>.</summary>
    public static IReadOnlyList<ContractChange> Between(IEnumerable<string> before, IEnumerable<string> after)
    {
        var (was, now) = (before.Select(Split).ToDictionary(), after.Select(Split).ToDictionary());
        return
        [
            .. was.Where(old => !now.ContainsKey(old.Key)).Select(old => new ContractChange(true, $"removed: {old.Key}")),
            .. now.Where(added => !was.ContainsKey(added.Key)).Select(added => new ContractChange(false, $"added: {added.Key}")),
            .. was.Where(old => now.TryGetValue(old.Key, out var value) && value != old.Value)
                .Select(old => new ContractChange(IsBreach(old.Key, old.Value, now[old.Key]), $"changed: {old.Key}: {old.Value} -> {now[old.Key]}")),
        ];
    }

    private static bool IsBreach(string key, string was, string now)
    {
        if (key.StartsWith("message ", StringComparison.Ordinal))
        {
            // Its number of fields; a field that went is reported by itself.
            return false;
        }
        if (!key.StartsWith("rpc ", StringComparison.Ordinal))
        {
            return true;
        }
        var (old, current) = (was.Split("; "), now.Split("; "));
        return old[0] != current[0] || old[1] != current[1] || old[2] != current[2]
            || (old[3] == "idempotent" && current[3] != "idempotent")
            || Number(current[5]) < Number(old[5]) || Number(current[6]) < Number(old[6])
            || FewerCallers(old[7], current[7])
            || (old[8] != "http none" && old[8] != current[8]);
    }

    private static bool FewerCallers(string was, string now) =>
        now != "callers any" && (was == "callers any" || was.Split(' ').Except(now.Split(' ')).Any());

    private static long Number(string text) => long.Parse(text.Split(' ')[1], CultureInfo.InvariantCulture);

    private static KeyValuePair<string, string> Split(string line)
    {
        var at = line.IndexOf(" = ", StringComparison.Ordinal);
        return new(line[..at], line[(at + 3)..]);
    }
}
