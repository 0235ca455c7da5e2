using System.CommandLine;
using System.Globalization;
using Anywire;
using Spectre.Console;
using Twite.Brokers;
using Twite.Hosting;
using Twite.Keys;
using Twite.Topologies;

namespace Twite.Commands;

/// <summary><c>twite queue</c>: what lies in the queues of a topology's brokers and wants an operator.</summary>
internal static class QueueCommand
{
    private const string IdDescription = "As list shows it: the service, a slash, and its id there.";

    public static Command Create(ProgramOptions options, CommandRunner runner)
    {
        var letters = new TaughtCommand("dead-letters", "Events that a service has given up. They stay until somebody gives them to it again, or forgets them.")
        {
            Examples =
            [
                ("twite queue dead-letters list --topology queue", "which there are, and why"),
                ("twite queue dead-letters replay notifications/messages-17 --topology queue", "once what was wrong is mended: it is handled as if it had just come"),
                ("twite queue dead-letters replay --all --service notifications --topology queue", "all of them"),
                ("twite queue dead-letters drop notifications/messages-17 --topology queue", "it is forgotten; the sender's own record of it stays"),
            ],
        };
        letters.Subcommands.Add(List(options, runner));
        letters.Subcommands.Add(Show(options, runner));
        letters.Subcommands.Add(Change(
            options, runner, "replay", "Gives them to their service again.", (store, id, token) => store.ReplayAsync(id, token), (service, count) => $"{service} gets {count} again."));
        letters.Subcommands.Add(Change(
            options, runner, "drop", "Forgets them.", (store, id, token) => store.DropAsync(id, token), (service, count) => $"{count} forgotten: {service} will never handle {(count == "1" ? "it" : "them")}."));
        var command = new TaughtCommand("queue", "What lies in the queues of a topology's brokers and wants an operator.")
        {
            Examples = [("twite queue dead-letters list --topology queue", "events that were given up, and why")],
        };
        command.Subcommands.Add(letters);
        return command;
    }

    private static TaughtCommand List(ProgramOptions options, CommandRunner runner)
    {
        var only = ServiceOption();
        var command = new TaughtCommand("list", "Lists them, the oldest first.")
        {
            Examples =
            [
                ("twite queue dead-letters list --topology nats", "of all services"),
                ("twite queue dead-letters list --topology queue --service notifications", "of one"),
            ],
        };
        command.Options.Add(only);
        AddTo(command, options);
        runner.Handle(command, quiet: true, async (context, cancellationToken) =>
        {
            var table = new Table().Border(TableBorder.Simple).AddColumns("id", "given up", "sender", "method", "event", "bytes", "reason");
            var topology = context.HostOptions().Topology;
            foreach (var service in Asked(topology, context.Parsed.GetValue(only)))
            {
                await using var store = await OpenAsync(context, topology, service, cancellationToken);
                foreach (var letter in await store.ListAsync(KeptEvents.Most, cancellationToken))
                {
                    string[] row =
                    [
                        $"{service}/{letter.Id}", TimeOf(letter), letter.Sender, letter.Method[(letter.Method.LastIndexOf('/') + 1)..], letter.EventId,
                        letter.Bytes.ToString("N0", CultureInfo.InvariantCulture), letter.Reason,
                    ];
                    TerminalText.AddRow(table, row);
                }
            }
            KeptEvents.Show(context, table);
            return ExitCodes.Ok;
        });
        return command;
    }

    private static TaughtCommand Show(ProgramOptions options, CommandRunner runner)
    {
        var argument = new Argument<string>("ID") { Description = IdDescription };
        var command = new TaughtCommand("show", "Shows one with its bytes.")
        {
            Examples = [("twite queue dead-letters show notifications/messages-17 --topology queue", "all that is known of it")],
        };
        command.Arguments.Add(argument);
        AddTo(command, options);
        runner.Handle(command, quiet: true, async (context, cancellationToken) =>
        {
            var topology = context.HostOptions().Topology;
            var (service, id) = Split(topology, context.Parsed.GetRequiredValue(argument));
            await using var store = await OpenAsync(context, topology, service, cancellationToken);
            var letter = (await store.ListAsync(KeptEvents.Most, cancellationToken)).FirstOrDefault(l => l.Id == id) ?? throw Missing(service, id);
            context.Terminal.Out.WriteLine($"""
                id        {service}/{TerminalText.Shown(letter.Id)}
                given up  {TimeOf(letter)}
                sender    {TerminalText.Shown(letter.Sender)}
                method    {TerminalText.Shown(letter.Method)}
                event     {TerminalText.Shown(letter.EventId)}
                reason    {TerminalText.Shown(letter.Reason)}
                bytes     {letter.Bytes.ToString("N0", CultureInfo.InvariantCulture)}
                message   {Convert.ToHexString(letter.Message.Span)}
                """);
            return ExitCodes.Ok;
        });
        return command;
    }

    /// <summary>A command that does something to one of them, or to all.</summary>
    /// <param name="options">What all commands have.</param>
    /// <param name="runner">Runs it.</param>
    /// <param name="name">What it is called.</param>
    /// <param name="description">What it does.</param>
    /// <param name="act">Does it to one; false when that one is gone.</param>
    /// <param name="said">What was done, of a service and how many.</param>
    private static TaughtCommand Change(
        ProgramOptions options, CommandRunner runner, string name, string description,
        Func<IDeadLetterStore, string, CancellationToken, Task<bool>> act, Func<string, string, string> said)
    {
        var chosen = new OneOrAll(IdDescription, ServiceOption());
        var command = new TaughtCommand(name, description)
        {
            Examples =
            [
                ($"twite queue dead-letters {name} notifications/messages-17 --topology queue", "one of them"),
                ($"twite queue dead-letters {name} --all --service notifications --topology queue", "all of one service"),
            ],
        };
        chosen.AddTo(command);
        AddTo(command, options);
        runner.Handle(command, quiet: true, async (context, cancellationToken) =>
        {
            var topology = context.HostOptions().Topology;
            if (context.Parsed.GetValue(chosen.Id) is not { } asked)
            {
                return await KeptEvents.ChangeAllAsync(
                    context,
                    Asked(topology, context.Parsed.GetValue(chosen.Service)).Select(s => (s, (Func<Task<IDeadLetterStore>>)(() => OpenAsync(context, topology, s, cancellationToken)))),
                    async store => [.. (await store.ListAsync(KeptEvents.Most, cancellationToken)).Select(static l => l.Id)],
                    (store, id) => act(store, id, cancellationToken), said);
            }
            var (service, id) = Split(topology, asked);
            await using var store = await OpenAsync(context, topology, service, cancellationToken);
            if (!await act(store, id, cancellationToken))
            {
                throw Missing(service, id);
            }
            context.Terminal.Out.WriteLine(said(service, "1"));
            return ExitCodes.Ok;
        });
        return command;
    }

    private static Option<string?> ServiceOption() => new("--service") { Description = "Those of this service alone. Default: of all that are at a broker.", HelpName = "NAME" };

    /// <summary>Whose are asked for: only whoever is at a broker has any.</summary>
    private static List<string> Asked(Topology topology, string? only)
    {
        if (only is not null)
        {
            return topology.Services.ContainsKey(only)
                ? [only]
                : throw new UsageException($"There is no service {only} in the topology {topology.Source}: it has {string.Join(", ", topology.Services.Keys.Order(StringComparer.Ordinal))}.");
        }
        var services = topology.Services.Values.Where(s => s.Call.Any(e => BrokerKind.Of(e) is not null)).Select(s => s.Name).ToList();
        return services.Count > 0
            ? services
            : throw new UsageException($"In the topology {topology.Source} nobody is at a broker, so nothing is kept. Say which with --topology; without a broker, senders have an outbox each.");
    }

    private static (string Service, string Id) Split(Topology topology, string asked) =>
        asked.Split('/', 2) is [var service, { Length: > 0 } id] && topology.Services.ContainsKey(service)
            ? (service, id)
            : throw new UsageException($"\"{asked}\" is no dead letter's id: one looks like notifications/messages-17. Try: twite queue dead-letters list");

    private static FailureException Missing(string service, string id) =>
        new(new Failure(ExitCodes.Failed, $"There is no dead letter {service}/{id} (any more). Try: twite queue dead-letters list"));

    private static string TimeOf(KeptDeadLetter letter) => letter.At is { } at ? TerminalText.Of(at) : "";

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
                Credentials = Wiring.IsSecured(transport.Traits, nodes[0]) ? CredentialsOf(topology, context.CertificateDirectory ?? context.KeyDirectory) : null,
                Loggers = context.Loggers,
                Time = TimeProvider.System,
            },
            cancellationToken);
    }

    private static ServiceCredentials CredentialsOf(Topology topology, string certificates) =>
        File.Exists(Path.Combine(KeyFolder.Of(certificates, BrokerRights.Operator), BrokerRights.Operator + ".pem"))
            ? CertificateFolder.Load(certificates, BrokerRights.Operator)
            : throw new TopologyException(
                $"The operator ({BrokerRights.Operator}) has no certificate in {certificates}. Make it: twite keys broker --topology {topology.Source} --dir {certificates}");
}
