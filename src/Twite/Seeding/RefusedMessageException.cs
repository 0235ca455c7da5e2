using System.Globalization;
using Anywire;
using Grpc.Core;

namespace Twite.Seeding;

/// <summary>The service refused a message that was to be seeded.</summary>
/// <param name="line">Which line or number it was.</param>
/// <param name="problem">Why, in people's words.</param>
internal sealed class RefusedMessageException(long line, string problem) : Exception($"Message {line:N0} was refused: {problem}")
{
    /// <summary>Which line or number it was.</summary>
    public long Line { get; } = line;

    /// <summary>Why, in people's words.</summary>
    public string Problem { get; } = problem;

    /// <summary>Finds out which of a batch was refused: its index stands in brackets in the name of the violated field.</summary>
    public static RefusedMessageException From(RpcException error, IReadOnlyList<long> lines)
    {
        var field = error.Violation()?.Field ?? "";
        var (open, close) = (field.IndexOf('[', StringComparison.Ordinal), field.IndexOf(']', StringComparison.Ordinal));
        return open >= 0 && close > open
            && int.TryParse(field.AsSpan(open + 1, close - open - 1), CultureInfo.InvariantCulture, out var index) && index < lines.Count
            ? new RefusedMessageException(lines[index], error.Status.Detail)
            : new RefusedMessageException(lines[0], error.Status.Detail);
    }
}
