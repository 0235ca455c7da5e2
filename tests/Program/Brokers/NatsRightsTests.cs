using System.Text.Json.Nodes;
using NATS.Client.Core;
using Twite.Brokers;
using Twite.Examination;

namespace Twite.ProgramTests.Brokers;

/// <summary>What NATS lets each service do, as it is configured by us.</summary>
public sealed class NatsRightsTests : IAsyncLifetime
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(30);

    private BrokerBed _bed = null!;

    public async ValueTask InitializeAsync() => _bed = await BrokerBed.StartAsync(BrokerKind.Nats);

    [Fact]
    public async Task A_service_asks_another_and_is_answered()
    {
        await using var accounts = await ConnectAsync("accounts");
        await using var handled = await accounts.SubscribeCoreAsync<string>("anywire.accounts.requests", "instances");
        await accounts.PingAsync();
        await using var web = await ConnectAsync("web");
        await using var answers = await web.SubscribeCoreAsync<string>("anywire.web.answers.1.>");
        await web.PublishAsync("anywire.accounts.requests", "is it you?", replyTo: "anywire.web.answers.1.2");
        await (await handled.Msgs.ReadAsync(Token)).ReplyAsync("yes");
        Assert.Equal("yes", (await answers.Msgs.ReadAsync(Token)).Data);
    }

    [Fact]
    public async Task A_front_end_is_asked_by_its_own_name_and_answers_into_the_inbox()
    {
        await using var web = await ConnectAsync("web");
        await using var asked = await web.SubscribeCoreAsync<string>("anywire.web.web-1.presence");
        await web.PingAsync();
        await using var notifications = await ConnectAsync("notifications");
        var answer = notifications.RequestAsync<string, string>("anywire.web.web-1.presence", "", cancellationToken: Token);
        await (await asked.Msgs.ReadAsync(Token)).ReplyAsync("here");
        Assert.Equal("here", (await answer).Data);
    }

    [Fact]
    public async Task A_service_keeps_its_events_and_others_add_to_them()
    {
        await using var notifications = await ConnectAsync("notifications");
        await AskAsync(notifications, "$JS.API.INFO", "");
        await AskAsync(notifications, "$JS.API.STREAM.CREATE.anywire_notifications_dead", """{"name":"anywire_notifications_dead","subjects":["anywire.notifications.dead"],"storage":"file"}""");
        await AskAsync(notifications, "$JS.API.STREAM.CREATE.anywire_notifications_events", """{"name":"anywire_notifications_events","subjects":["anywire.notifications.events"],"retention":"workqueue","storage":"file"}""");
        await AskAsync(notifications, "$JS.API.STREAM.INFO.anywire_notifications_events", "");
        await AskAsync(notifications, "$JS.API.CONSUMER.DURABLE.CREATE.anywire_notifications_events.handlers",
            """{"stream_name":"anywire_notifications_events","config":{"durable_name":"handlers","ack_policy":"explicit"}}""");

        await using var messages = await ConnectAsync("messages");
        await AskAsync(messages, "anywire.notifications.events", "posted");
        await using var delivered = await notifications.SubscribeCoreAsync<string>("anywire.notifications.inbox.next");
        await notifications.PublishAsync("$JS.API.CONSUMER.MSG.NEXT.anywire_notifications_events.handlers", """{"batch":1,"expires":20000000000}""", replyTo: "anywire.notifications.inbox.next");
        var next = await delivered.Msgs.ReadAsync(Token);
        Assert.Equal("posted", next.Data);
        Assert.StartsWith("$JS.ACK.anywire_notifications_events.handlers.", next.ReplyTo);
        await next.ReplyAsync("+ACK");
        await AskAsync(notifications, "anywire.notifications.dead", "given up");
        await RefusesAsync("messages", c => c.PublishAsync("$JS.API.CONSUMER.MSG.NEXT.anywire_notifications_events.handlers", "").AsTask());
        await RefusesAsync("messages", c => c.PublishAsync("$JS.API.STREAM.DELETE.anywire_notifications_events", "").AsTask());
    }

    [Fact]
    public async Task A_service_neither_hears_what_is_for_another_nor_speaks_in_its_place()
    {
        await RefusesAsync("web", c => c.SubscribeCoreAsync<string>("anywire.accounts.requests").AsTask());
        await RefusesAsync("web", c => c.SubscribeCoreAsync<string>(">").AsTask());
        await RefusesAsync("web", c => c.SubscribeCoreAsync<string>("_INBOX.>").AsTask());
        await RefusesAsync("web", c => c.PublishAsync("anywire.messages.answers.1.2", "").AsTask());
        await RefusesAsync("web", c => c.PublishAsync("anywire.accounts.dead", "").AsTask());
        await RefusesAsync("accounts", c => c.PublishAsync("anywire.web.requests", "").AsTask());
        await RefusesAsync("bot", c => c.SubscribeCoreAsync<string>("anywire.web.>").AsTask());
    }

    [Fact]
    public async Task The_operator_may_do_everything()
    {
        await using var admin = await ConnectAsync(BrokerRights.Operator);
        await using var all = await admin.SubscribeCoreAsync<string>("anywire.>");
        await admin.PublishAsync("anywire.accounts.requests", "listen");
        Assert.Equal("listen", (await all.Msgs.ReadAsync(Token)).Data);
    }

    [Fact]
    public async Task The_operator_lists_replays_and_drops_dead_letters()
    {
        await using var notifications = await ConnectAsync("notifications");
        foreach (var kept in new[] { "dead", "events" })
        {
            await AskAsync(notifications, $"$JS.API.STREAM.CREATE.anywire_notifications_{kept}", $$"""{"name":"anywire_notifications_{{kept}}","subjects":["anywire.notifications.{{kept}}"],"storage":"file"}""");
        }
        using var twite = new CommandLine();
        var topology = twite.Write("t.json", $$"""{ "services": { {{string.Join(", ", _bed.Topology.Services.Keys.Select(s => $"\"{s}\": {{ \"listen\": [\"{_bed.Site.Address}\"] }}"))}} } }""");
        async Task<string> QueueAsync(params string[] arguments)
        {
            var result = await twite.RunAsync(["queue", "dead-letters", .. arguments, "--topology", topology, "--certificates", _bed.KeyDirectory]);
            Assert.True(result.ExitCode == 0, result.Errors);
            return result.Output;
        }

        Assert.Equal("There are none.\n", await QueueAsync("list"));
        Assert.Equal("There are none.\n", await QueueAsync("drop", "--all"));
        foreach (var text in new[] { "one", "two", "three", "four" })
        {
            await AskAsync(notifications, "anywire.notifications.dead", text);
        }
        Assert.Matches(@"notifications/1 .*\d\d\d\d-", await QueueAsync("list", "--service", "notifications"));
        Assert.Equal("There are none.\n", await QueueAsync("list", "--service", "accounts"));
        Assert.Contains("message   6F6E65", await QueueAsync("show", "notifications/1"));
        Assert.Equal("1 forgotten: notifications will never handle it.\n", await QueueAsync("drop", "notifications/1"));
        Assert.Equal("notifications gets 1 again.\n", await QueueAsync("replay", "notifications/2"));
        Assert.Equal(1, (await twite.RunAsync("queue", "dead-letters", "replay", "notifications/2", "--topology", topology, "--certificates", _bed.KeyDirectory)).ExitCode);
        Assert.Equal("notifications gets 2 again.\n", await QueueAsync("replay", "--all"));
        Assert.Equal("There are none.\n", await QueueAsync("list"));
        var events = await notifications.RequestAsync<string, string>("$JS.API.STREAM.INFO.anywire_notifications_events", "", cancellationToken: Token);
        Assert.Equal(3, (int)JsonNode.Parse(events.Data!)!["state"]!["messages"]!);
    }

    [Fact]
    public async Task Nobody_gets_in_without_a_certificate_of_the_cluster_that_the_broker_knows()
    {
        await Assert.ThrowsAnyAsync<NatsException>(() => _bed.NatsAsync(_bed.Stranger("web"), "x"));
        await Assert.ThrowsAnyAsync<NatsException>(() => _bed.NatsAsync(credentials: null, "x"));
        _bed.Keys.Issue("latecomer");
        await Assert.ThrowsAnyAsync<NatsException>(() => _bed.NatsAsync(_bed.CredentialsOf("latecomer"), "x"));
        Assert.Contains("lets nobody in as latecomer", await new BrokerProbe(_bed.Site, _bed.CredentialsOf("latecomer")).ProblemAsync());
    }

    [Fact]
    public async Task Doctor_finds_it_well_and_what_is_no_broker_at_all()
    {
        Assert.Equal(Severity.Ok, Assert.Single(await BrokerExam.LookAsync(_bed.Topology, _bed.KeyDirectory)).Severity);
        Assert.Contains("no RabbitMQ", await new BrokerProbe(_bed.Site with { Kind = BrokerKind.RabbitMq }, _bed.CredentialsOf("web")).ProblemAsync());
    }

    public ValueTask DisposeAsync() => _bed.DisposeAsync();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private Task<NatsConnection> ConnectAsync(string name) => _bed.NatsAsync(_bed.CredentialsOf(name), $"anywire.{name}.inbox");

    private static async Task AskAsync(NatsConnection connection, string subject, string request)
    {
        var answer = await connection.RequestAsync<string, string>(subject, request, cancellationToken: Token);
        Assert.True(JsonNode.Parse(answer.Data!)!["error"] is null, $"{subject}: {answer.Data}");
    }

    // The broker says so after the fact.
    private async Task RefusesAsync(string name, Func<NatsConnection, Task> ask)
    {
        await using var connection = await ConnectAsync(name);
        var refused = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        connection.ServerError += (_, error) =>
        {
            refused.TrySetResult(error.Error);
            return ValueTask.CompletedTask;
        };
        await ask(connection);
        Assert.StartsWith("Permissions Violation", await refused.Task.WaitAsync(Soon, Token), StringComparison.OrdinalIgnoreCase);
    }
}
