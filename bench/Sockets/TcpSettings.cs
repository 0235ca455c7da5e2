using System.Globalization;

namespace Twite.Bench.Sockets;

/// <summary>How the benchmark of TCP runs. Immutable.</summary>
internal sealed record TcpSettings
{
    public const string Closed = "closed";
    public const string Async = "async";
    public const string Open = "open";
    public const string Beside = "beside";

    public const string Help = """
          --subjects LIST   of tcps, tcp, grpcs, grpc (Anywire), dotnets, dotnet (grpc-dotnet by itself), floors, floor (a bare socket);
                            an s at the end: mutual TLS 1.3. Default: tcps,dotnets,floors,tcp,dotnet,floor
          --parts LIST      of closed, async, open, beside. Default: all
          --callers LIST    of the closed loops. Default: 1,64,256
          --rate R          calls a second of the open loops. Default: half of grpc-dotnet's knee, a tenth of one's own
          --rounds N        of which the medians are shown. Default: 7
          --seconds S       a round lasts. Default: 1
          --warm-up S       of each subject before anything counts; with too little of it grpc-dotnet looks five times as dear as it is. Default: 8
          --json FILE       writes all figures, those of each round too
        """;

    public IReadOnlyList<SubjectName> Subjects { get; init; } = Names("tcps,dotnets,floors,tcp,dotnet,floor");

    public IReadOnlyList<string> Parts { get; init; } = [Closed, Async, Open, Beside];

    public IReadOnlyList<int> Callers { get; init; } = [1, 64, 256];

    public double? Rate { get; init; }

    public int Rounds { get; init; } = 7;

    public double Seconds { get; init; } = 1;

    public double WarmUp { get; init; } = 8;

    public string? Json { get; init; }

    /// <summary>Reads options.</summary>
    /// <exception cref="FormatException">One of them is none.</exception>
    public static TcpSettings Parse(IReadOnlyList<string> options)
    {
        var settings = new TcpSettings();
        for (var i = 0; i < options.Count; i += 2)
        {
            var value = i + 1 < options.Count ? options[i + 1] : throw new FormatException($"{options[i]} needs a value.\n{Help}");
            settings = options[i] switch
            {
                "--subjects" => settings with { Subjects = Names(value) },
                "--parts" => settings with { Parts = value.Split(',') },
                "--callers" => settings with { Callers = [.. value.Split(',').Select(c => int.Parse(c, CultureInfo.InvariantCulture))] },
                "--rate" => settings with { Rate = double.Parse(value, CultureInfo.InvariantCulture) },
                "--rounds" => settings with { Rounds = int.Parse(value, CultureInfo.InvariantCulture) },
                "--seconds" => settings with { Seconds = double.Parse(value, CultureInfo.InvariantCulture) },
                "--warm-up" => settings with { WarmUp = double.Parse(value, CultureInfo.InvariantCulture) },
                "--json" => settings with { Json = value },
                var other => throw new FormatException($"{other} is no option.\n{Help}"),
            };
        }
        return settings;
    }

    private static IReadOnlyList<SubjectName> Names(string list) => [.. list.Split(',').Select(static n => new SubjectName(n))];
}
