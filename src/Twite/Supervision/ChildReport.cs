using System.Text.Json;
using System.Text.Json.Serialization;

namespace Twite.Supervision;

/// <summary>How a supervised process is.</summary>
internal enum ChildState
{
    /// <summary>It can do its work.</summary>
    Ready,

    /// <summary>It can, and something that runs elsewhere cannot be reached.</summary>
    Degraded,

    /// <summary>It runs and cannot do its work.</summary>
    NotReady,

    /// <summary>It ends, and why.</summary>
    Failed,
}

/// <summary>What a supervised process says of itself: a line of JSON on its standard output, whenever that
/// changes, and as a <see cref="Heartbeat"/>.</summary>
/// <param name="State">How it is.</param>
/// <param name="Reason">Why it is not ready, what it lacks, or why it ends; null when all is well.</param>
/// <param name="Urls">Where browsers find it, with the real ports; null when they don't.</param>
internal sealed record ChildReport(ChildState State, string? Reason = null, IReadOnlyList<string>? Urls = null)
{
    private static readonly JsonSerializerOptions Format = new(JsonSerializerDefaults.Web)
    {
        Converters = { new JsonStringEnumConverter() },
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    /// <summary>As a line, without its end.</summary>
    public string ToLine() => JsonSerializer.Serialize(this, Format);

    /// <summary>A line understood; null when it is something else.</summary>
    public static ChildReport? Parse(string line)
    {
        try
        {
            return line.StartsWith('{') ? JsonSerializer.Deserialize<ChildReport>(line, Format) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>The same state for the same reason.</summary>
    public bool SaysAs(ChildReport? other) => other is not null && State == other.State && Reason == other.Reason;
}
