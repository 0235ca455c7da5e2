using System.CommandLine;
using System.CommandLine.Parsing;
using Twite.Contracts;
using Twite.Hosting;
using Twite.Seeding;
using Twite.Topologies;

namespace Twite.Commands;

/// <summary><c>twite seed</c>: fills a network from files, or with a demonstration.</summary>
internal static class SeedCommand
{
    private const int DefaultPeople = 1_000;
    private const int MostPeople = 10_000_000;

    public static Command Create(ProgramOptions options, CommandRunner runner)
    {
        var graph = new Option<string?>("--graph")
        {
            Description = "A social graph: two names a line (\"alice bob\": alice follows bob), # begins a comment; plain or .gz.",
            HelpName = "FILE",
        };
        var messages = new Option<string?>("--messages")
        {
            Description = "Messages, one a line, for the people of the graph to say; plain or .gz.",
            HelpName = "FILE",
        };
        var mutual = new Option<bool>("--mutual") { Description = "Each line of the graph makes both follow each other." };
        var demo = new Option<int?>("--demo")
        {
            Description = $"A lively network without any file, of so many people (default: {DefaultPeople:N0}).",
            HelpName = "PEOPLE",
            Arity = ArgumentArity.ZeroOrOne,
            CustomParser = ParsePeople,
        };
        var seed = new Option<long>("--random-seed")
        {
            Description = "Another number makes another demonstration; the same makes the same.",
            HelpName = "NUMBER",
            DefaultValueFactory = _ => 1,
        };
        var command = new TaughtCommand("seed", "Fills a network that is not running with people, follows and messages. Running it again goes on where it was cut short and doubles nothing.")
        {
            Examples =
            [
                ("twite seed --demo", "a thousand people, about 20,000 follows, 10,000 messages in many scripts"),
                ("twite seed --demo 20000 --data /tmp/big", "more of them, elsewhere"),
                ("twite seed --graph facebook.txt.gz --mutual", "a graph of friendships"),
                ("twite seed --graph follows.txt --messages quotes.txt", "and something for them to say"),
            ],
        };
        foreach (var option in new Option[] { graph, messages, mutual, demo, seed, options.Data })
        {
            command.Options.Add(option);
        }
        command.Validators.Add(result =>
        {
            if (result.GetResult(graph) is null == (result.GetResult(demo) is null))
            {
                result.AddError("Say what to seed: either --graph FILE or --demo.");
            }
            else if (result.GetResult(graph) is null && (result.GetResult(messages) is not null || result.GetResult(mutual) is { Implicit: false }))
            {
                result.AddError("--messages and --mutual go with --graph.");
            }
        });
        runner.Handle(command, quiet: true, async (context, cancellationToken) =>
        {
            var parsed = context.Parsed;
            // Files are looked at first: a typing mistake should not make a data directory.
            using var graphFile = Open(parsed.GetValue(graph));
            using var messageFile = Open(parsed.GetValue(messages));
            var seeded = graphFile is null
                ? $"demo-{parsed.GetValue(seed)}-{parsed.GetValue(demo) ?? DefaultPeople}"
                : await SeedJournal.IdentifyAsync(new[] { graphFile, messageFile }.OfType<InputFile>().Select(f => f.Path), cancellationToken);
            var journal = SeedJournal.Open(context.DataDirectory);
            await using var host = await TwiteHost.StartAsync(context.ToolOptions("accounts", "follows", "messages"), cancellationToken);
            var messageService = new MessagesService.MessagesServiceClient(host.Connect(ServiceCatalog.Admin, "messages"));
            await journal.FitAsync(messageService, cancellationToken);
            var writer = new SeedWriter(
                new AccountsService.AccountsServiceClient(host.Connect(ServiceCatalog.Admin, "accounts")),
                new FollowsService.FollowsServiceClient(host.Connect(ServiceCatalog.Admin, "follows")),
                messageService,
                journal,
                seeded);
            var parts = graphFile is not null
                ? GraphParts(new GraphSeeder(writer), graphFile, messageFile, parsed.GetValue(mutual), cancellationToken)
                : DemoParts(new DemoNetwork(parsed.GetValue(demo) ?? DefaultPeople, parsed.GetValue(seed)), writer, cancellationToken);
            await new SeedProgress(context.Terminal.Progress, TimeProvider.System).RunAsync(parts);
            Summarize(context.Terminal, writer.Counts, context.DataDirectory);
            return ExitCodes.Ok;
        });
        return command;
    }

    private static List<(string, Func<ISeedStage, Task>)> GraphParts(
        GraphSeeder seeder, InputFile graph, InputFile? messages, bool mutual, CancellationToken cancellationToken)
    {
        var parts = new List<(string, Func<ISeedStage, Task>)> { ("People and follows", stage => seeder.SeedGraphAsync(graph, mutual, stage, cancellationToken)) };
        if (messages is not null)
        {
            parts.Add(("Messages", stage => seeder.SeedMessagesAsync(messages, stage, cancellationToken)));
        }
        return parts;
    }

    private static List<(string, Func<ISeedStage, Task>)> DemoParts(DemoNetwork network, SeedWriter writer, CancellationToken cancellationToken)
    {
        var seeder = new DemoSeeder(network, writer);
        return
        [
            ("People", stage => seeder.SeedPeopleAsync(stage, cancellationToken)),
            ("Follows", stage => seeder.SeedFollowsAsync(stage, cancellationToken)),
            ("Messages", stage => seeder.SeedMessagesAsync(stage, cancellationToken)),
        ];
    }

    private static InputFile? Open(string? path) => path is null ? null : new InputFile(path);

    private static void Summarize(Terminal terminal, SeedCounts counts, string directory)
    {
        terminal.Out.WriteLine(
            $"{directory} has {counts.People:N0} people ({counts.NewPeople:N0} new), {counts.NewFollows:N0} new follows of {counts.Follows:N0}, {counts.NewMessages:N0} new messages of {counts.Messages:N0} from this seed.");
        if (counts.SelfFollows > 0)
        {
            terminal.Out.WriteLine($"{counts.SelfFollows:N0} lines that would have made somebody follow themselves were left out.");
        }
        if (counts.DeletedNames > 0)
        {
            terminal.Out.WriteLine($"{counts.DeletedNames:N0} names were deleted with their accounts and are left out, with all they would follow or say.");
        }
    }

    private static int? ParsePeople(ArgumentResult result)
    {
        if (result.Tokens.Count == 0)
        {
            return DefaultPeople;
        }
        if (int.TryParse(result.Tokens[0].Value, out var people) && people is >= 2 and <= MostPeople)
        {
            return people;
        }
        result.AddError($"--demo takes a number of people from 2 to {MostPeople:N0}, not \"{result.Tokens[0].Value}\".");
        return null;
    }
}
