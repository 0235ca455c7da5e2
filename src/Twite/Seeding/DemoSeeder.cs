using Twite.Contracts;

namespace Twite.Seeding;

/// <summary>Seeds a demonstration network. Memory: eight bytes a person.</summary>
internal sealed class DemoSeeder(DemoNetwork network, SeedWriter writer)
{
    private const int PeopleAtOnce = 2_000;

    private readonly long[] _ids = new long[network.People];

    /// <summary>Creates the people.</summary>
    public async Task SeedPeopleAsync(ISeedStage stage, CancellationToken cancellationToken)
    {
        for (var from = 0; from < network.People; from += PeopleAtOnce)
        {
            var count = Math.Min(PeopleAtOnce, network.People - from);
            var people = Enumerable.Range(from, count).Select(network.Person)
                .Select(p => new ImportedAccount { Name = p.Name, DisplayName = p.DisplayName, Biography = p.Biography });
            var ids = await writer.AddPeopleAsync(people, cancellationToken);
            for (var i = 0; i < count; i++)
            {
                _ids[from + i] = ids[i];
            }
            stage.Report((from + count) / (double)network.People, from + count);
        }
    }

    /// <summary>Makes them follow each other.</summary>
    public async Task SeedFollowsAsync(ISeedStage stage, CancellationToken cancellationToken)
    {
        for (var person = 0; person < network.People; person++)
        {
            foreach (var (follower, followee) in network.FollowsOf(person))
            {
                await writer.FollowAsync(_ids[follower], _ids[followee], cancellationToken);
            }
            stage.Report(person / (double)network.People, writer.Counts.Follows);
        }
        await writer.FlushAsync(cancellationToken);
        stage.Report(1, writer.Counts.Follows);
    }

    /// <summary>Makes them say something.</summary>
    public async Task SeedMessagesAsync(ISeedStage stage, CancellationToken cancellationToken)
    {
        for (long number = 1; number <= network.Messages; number++)
        {
            var message = network.Message(number);
            await writer.PostAsync(_ids[message.Author], network.NameOf(message.Author), message.Text, number, cancellationToken);
            stage.Report((number - 1) / (double)network.Messages, writer.Counts.Messages);
        }
        await writer.FlushAsync(cancellationToken);
        stage.Report(1, writer.Counts.Messages);
    }
}
