using Twite.Commands;
using Twite.Contracts;

namespace Twite.Seeding;

/// <summary>Seeds a network from files: a graph, and messages that its people share out among themselves.</summary>
internal sealed class GraphSeeder(SeedWriter writer)
{
    private const int EdgesAtOnce = 5_000;

    private readonly Dictionary<string, int> _indexes = new(StringComparer.Ordinal);
    private readonly List<string> _names = [];
    private readonly List<long> _ids = [];

    /// <summary>Reads a graph. People are created when they are first named, in that order.</summary>
    public async Task SeedGraphAsync(InputFile file, bool mutual, ISeedStage stage, CancellationToken cancellationToken)
    {
        var edges = new List<Edge>(EdgesAtOnce);
        await foreach (var edge in GraphFile.ReadAsync(file, cancellationToken))
        {
            edges.Add(edge);
            if (edges.Count == EdgesAtOnce)
            {
                await FollowAsync(edges, mutual, cancellationToken);
                stage.Report(Math.Min(file.Fraction, 0.999), writer.Counts.Follows);
            }
        }
        await FollowAsync(edges, mutual, cancellationToken);
        await writer.FlushAsync(cancellationToken);
        stage.Report(1, writer.Counts.Follows);
    }

    /// <summary>Reads messages, one a line. Who says what depends on the line alone, so that a second run gives each to the same author.</summary>
    /// <exception cref="InputLineException">A message was refused.</exception>
    /// <exception cref="UsageException">The graph has nobody.</exception>
    public async Task SeedMessagesAsync(InputFile file, ISeedStage stage, CancellationToken cancellationToken)
    {
        if (_names.Count == 0)
        {
            throw new UsageException("The graph names nobody who could say something. Give a graph with at least one line.");
        }
        try
        {
            await foreach (var (number, text) in file.ReadLinesAsync(cancellationToken))
            {
                if (string.IsNullOrWhiteSpace(text))
                {
                    continue;
                }
                var random = new DemoRandom(_names.Count, 0, number);
                var author = (int)(_names.Count * Math.Pow(random.NextDouble(), 1.5));
                await writer.PostAsync(_ids[author], _names[author], text.Trim(), number, cancellationToken);
                if (number % 2_000 == 0)
                {
                    stage.Report(Math.Min(file.Fraction, 0.999), writer.Counts.Messages);
                }
            }
            await writer.FlushAsync(cancellationToken);
        }
        catch (RefusedMessageException refused)
        {
            throw new InputLineException(file.Path, refused.Line, refused.Problem);
        }
        stage.Report(1, writer.Counts.Messages);
    }

    private async Task FollowAsync(List<Edge> edges, bool mutual, CancellationToken cancellationToken)
    {
        await CreateAsync(edges.SelectMany(e => new[] { e.Follower, e.Followee }), cancellationToken);
        foreach (var edge in edges)
        {
            if (edge.Follower == edge.Followee)
            {
                writer.Counts.SelfFollows++;
                continue;
            }
            var (follower, followee) = (_ids[_indexes[edge.Follower]], _ids[_indexes[edge.Followee]]);
            await writer.FollowAsync(follower, followee, cancellationToken);
            if (mutual)
            {
                await writer.FollowAsync(followee, follower, cancellationToken);
            }
        }
        edges.Clear();
    }

    private async Task CreateAsync(IEnumerable<string> names, CancellationToken cancellationToken)
    {
        var unknown = new List<string>();
        foreach (var name in names)
        {
            if (_indexes.TryAdd(name, _names.Count))
            {
                _names.Add(name);
                unknown.Add(name);
            }
        }
        _ids.AddRange(await writer.AddPeopleAsync(unknown.Select(n => new ImportedAccount { Name = n }), cancellationToken));
    }
}
