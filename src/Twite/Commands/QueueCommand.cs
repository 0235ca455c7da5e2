using System.CommandLine;
using Anywire;
using Spectre.Console;
using Twite.Brokers;
using Twite.Hosting;
using Twite.Topologies;

namespace Twite.Commands;

/// <summary><c>twite queue</c>: what lies in the queues of a topology's brokers and wants an operator.</summary>
internal static class QueueCommand
{
    private const int MostListed = 1_000;

    public static Command Create(ProgramOptions options, CommandRunner runner)
    {
        var letters = new TaughtCommand("dead-letters", "Events that a service has given up. They stay until somebody gives them to it again, or forgets them.")
        {
            Examples =
            [
                ("twite queue dead-letters list --topology queue", "which there are, and why"),
                ("twite queue dead-letters replay notifications/messages-17 --topology queue", "once what was wrong is mended: it is handled as if it had just come"),
                ("twite queue dead-letters drop notifications/messages-17 --topology queue", "it is forgotten; the sender's own record of it stays"),
            ],
        };
        letters.Subcommands.Add(List(options, runner));
        letters.Subcommands.Add(WithId(options, runner, "show", "Shows one with its bytes.", async (context, store, service, id, token) =>
        {
            var letter = (await store.ListAsync(MostListed, token)).FirstOrDefault(l => l.Id == id);
            if (letter is not null)
            {
                context.Terminal.Out.WriteLine($"""
                    id        {service}/{letter.Id}
                    sender    {letter.Sender}
                    method    {letter.Method}
                    event     {letter.EventId}
                    reason    {letter.Reason}
                    message   {Convert.ToHexString(letter.Message.Span)}
                    """);
            }
            return letter is not null;
        }));
        letters.Subcommands.Add(WithId(options, runner, "replay", "Gives one to its service again.", async (context, store, service, id, token) =>
            await store.ReplayAsync(id, token) && Say(context, $"{service} gets it again.")));
        letters.Subcommands.Add(WithId(options, runner, "drop", "Forgets one.", async (context, store, service, id, token) =>
            await store.DropAsync(id, token) && Say(context, $"It is forgotten; {service} will never handle it.")));
        var command = new TaughtCommand("queue", "What lies in the queues of a topology's brokers and wants an operator.")
        {
            Examples = [("twite queue dead-letters list --topology queue", "events that were given up, and why")],
        };
        command.Subcommands.Add(letters);
        return command;
    }

    private static TaughtCommand List(ProgramOptions options, CommandRunner runner)
    {
        var command = new TaughtCommand("list", "Lists them, the oldest first.") { Examples = [("twite queue dead-letters list --topology nats", "of all services")] };
        AddTo(command, options);
        runner.Handle(command, quiet: true, async (context, cancellationToken) =>
        {
            var table = new Table().Border(TableBorder.Simple).AddColumns("id", "sender", "method", "reason");
            var topology = context.HostOptions().Topology;
            foreach (var service in topology.Services.Values.Where(s => s.Call.Any(e => BrokerKind.Of(e) is not null)))
            {
                await using var store = await OpenAsync(context, topology, service.Name, cancellationToken);
                foreach (var letter in await store.ListAsync(MostListed, cancellationToken))
                {
                    table.AddRow(
                        Markup.Escape($"{service.Name}/{letter.Id}"), Markup.Escape(letter.Sender), Markup.Escape(letter.Method[(letter.Method.LastIndexOf('/') + 1)..]), Markup.Escape(letter.Reason));
                }
            }
            if (table.Rows.Count == 0)
            {
                context.Terminal.Out.WriteLine("There are none.");
            }
            else
            {
                context.Terminal.Drawing.Write(table);
            }
            return ExitCodes.Ok;
        });
        return command;
    }

    private static TaughtCommand WithId(
        ProgramOptions options, CommandRunner runner, string name, string description,
        Func<CommandContext, IDeadLetterStore, string, string, CancellationToken, Task<bool>> act)
    {
        var argument = new Argument<string>("ID") { Description = "As list shows it: the service, a slash, and its id there." };
        var command = new TaughtCommand(name, description) { Examples = [($"twite queue dead-letters {name} notifications/messages-17 --topology queue", description)] };
        command.Arguments.Add(argument);
        AddTo(command, options);
        runner.Handle(command, quiet: true, async (context, cancellationToken) =>
        {
            var asked = context.Parsed.GetRequiredValue(argument);
            var topology = context.HostOptions().Topology;
            if (asked.Split('/', 2) is not [var service, { Length: > 0 } id] || !topology.Services.ContainsKey(service))
            {
                throw new UsageException($"\"{asked}\" is no dead letter's id: one looks like notifications/messages-17. Try: twite queue dead-letters list");
            }
            await using var store = await OpenAsync(context, topology, service, cancellationToken);
            return await act(context, store, service, id, cancellationToken)
                ? ExitCodes.Ok
                : throw new FailureException(new Failure(ExitCodes.Failed, $"There is no dead letter {asked} (any more). Try: twite queue dead-letters list"));
        });
        return command;
    }

    private static void AddTo(TaughtCommand command, ProgramOptions options)
    {
        foreach (var option in new Option[] { options.Data, options.Topology, options.Certificates })
        {
            command.Options.Add(option);
        }
    }

    private static async Task<IDeadLetterStore> OpenAsync(CommandContext context, Topology topology, string service, CancellationToken cancellationToken)
    {
        Endpoint[] brokers = [.. topology[service].Call.Where(e => BrokerKind.Of(e) is not null)];
        if (brokers.Length == 0)
        {
            throw new UsageException($"In the topology {topology.Source}, {service} is at no broker, so nothing is kept for it. Its senders have an outbox each.");
        }
        Endpoint[] nodes = [.. brokers.Where(e => e.Scheme == brokers[0].Scheme)];
        var transport = Composition.Transports().For(nodes[0]);
        return await ((IKeepsDeadLetters)transport).OpenDeadLettersAsync(
            new TransportClientOptions
            {
                Endpoints = nodes,
                Service = service,
                Caller = BrokerRights.Operator,
                Contracts = new ContractTable(ServiceCatalog.Services.Values),
                Credentials = Wiring.IsSecured(transport.Traits, nodes[0])
                    ? CertificateFolder.Load(context.CertificateDirectory ?? context.KeyDirectory, BrokerRights.Operator, overBroker: false)
                    : null,
                Loggers = context.Loggers,
                Time = TimeProvider.System,
            },
            cancellationToken);
    }

    private static bool Say(CommandContext context, string sentence)
    {
        context.Terminal.Out.WriteLine(sentence);
        return true;
    }
}
