using System.Text;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using RabbitMQ.Client.Exceptions;
using Twite.Brokers;
using Twite.Examination;

namespace Twite.ProgramTests.Brokers;

/// <summary>One RabbitMQ for these tests: it takes seconds to start.</summary>
public sealed class RabbitMqBed : IAsyncLifetime
{
    internal BrokerBed Bed { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Bed = await BrokerBed.StartAsync(BrokerKind.RabbitMq);

    public ValueTask DisposeAsync() => Bed.DisposeAsync();
}

/// <summary>What RabbitMQ lets each service do, as it is configured by us.</summary>
public sealed class RabbitMqRightsTests(RabbitMqBed rabbit) : IClassFixture<RabbitMqBed>
{
    private const string Requests = "anywire.accounts.requests";

    private BrokerBed Bed => rabbit.Bed;

    [Fact]
    public async Task A_service_asks_another_and_is_answered()
    {
        await using var accounts = await Bed.RabbitMqAsync(Bed.CredentialsOf("accounts"));
        await using var handler = await accounts.CreateChannelAsync();
        await handler.QueueDeclareAsync(Requests, durable: false, exclusive: false, autoDelete: true);
        await handler.QueueDeclareAsync("anywire.accounts.control.1", durable: false, exclusive: true, autoDelete: true);
        await handler.QueueBindAsync("anywire.accounts.control.1", "amq.direct", "anywire.accounts.control");
        var requested = new AsyncEventingBasicConsumer(handler);
        requested.ReceivedAsync += async (_, delivery) => await handler.BasicPublishAsync("", delivery.BasicProperties.ReplyTo!, Encoding.UTF8.GetBytes("yes"));
        await handler.BasicConsumeAsync(Requests, autoAck: true, requested);

        await using var web = await Bed.RabbitMqAsync(Bed.CredentialsOf("web"));
        await using var caller = await web.CreateChannelAsync();
        Assert.Equal(1U, (await caller.QueueDeclarePassiveAsync(Requests)).ConsumerCount);
        await caller.BasicPublishAsync("amq.direct", "anywire.accounts.control", Encoding.UTF8.GetBytes("stop"));
        var answer = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        var answered = new AsyncEventingBasicConsumer(caller);
        answered.ReceivedAsync += (_, delivery) =>
        {
            answer.TrySetResult(Encoding.UTF8.GetString(delivery.Body.Span));
            return Task.CompletedTask;
        };
        await caller.BasicConsumeAsync("amq.rabbitmq.reply-to", autoAck: true, answered);
        await caller.BasicPublishAsync("", Requests, mandatory: true, new BasicProperties { ReplyTo = "amq.rabbitmq.reply-to" }, Encoding.UTF8.GetBytes("is it you?"));
        Assert.Equal("yes", await answer.Task.WaitAsync(TimeSpan.FromSeconds(30)));
    }

    [Fact]
    public async Task A_service_keeps_its_events_and_others_add_to_them()
    {
        await using var notifications = await Bed.RabbitMqAsync(Bed.CredentialsOf("notifications"));
        await using var receiver = await notifications.CreateChannelAsync();
        await receiver.QueueDeclareAsync("anywire.notifications.dead", durable: true, exclusive: false, autoDelete: false, Quorum());
        await receiver.QueueDeclareAsync("anywire.notifications.events", durable: true, exclusive: false, autoDelete: false, Quorum(
            ("x-dead-letter-exchange", ""), ("x-dead-letter-routing-key", "anywire.notifications.dead"), ("x-dead-letter-strategy", "at-least-once"), ("x-overflow", "reject-publish")));

        await using var messages = await Bed.RabbitMqAsync(Bed.CredentialsOf("messages"));
        await using var sender = await messages.CreateChannelAsync(new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true));
        await sender.BasicPublishAsync("", "anywire.notifications.events", mandatory: true, new BasicProperties { Persistent = true }, Encoding.UTF8.GetBytes("posted"));
        var taken = await receiver.BasicGetAsync("anywire.notifications.events", autoAck: true);
        Assert.Equal("posted", Encoding.UTF8.GetString(taken!.Body.Span));
        await RefusesAsync("messages", channel => channel.BasicGetAsync("anywire.notifications.events", autoAck: true));
    }

    [Fact]
    public async Task A_service_does_not_take_what_is_for_another()
    {
        await using var accounts = await Bed.RabbitMqAsync(Bed.CredentialsOf("accounts"));
        await using var handler = await accounts.CreateChannelAsync();
        await handler.QueueDeclareAsync("anywire.accounts.secret", durable: false, exclusive: false, autoDelete: false);
        await RefusesAsync("web", channel => channel.BasicConsumeAsync("anywire.accounts.secret", autoAck: true, new AsyncEventingBasicConsumer(channel)));
        await RefusesAsync("web", channel => channel.BasicGetAsync("anywire.accounts.secret", autoAck: true));
        await RefusesAsync("web", channel => channel.QueueDeclareAsync("anywire.accounts.other", durable: false, exclusive: false, autoDelete: false));
        await RefusesAsync("web", channel => channel.QueueDeclareAsync("anywire.webs.other", durable: false, exclusive: false, autoDelete: false));
        await RefusesAsync("web", channel => channel.QueueDeleteAsync("anywire.accounts.secret"));
        await RefusesAsync("web", channel => channel.QueuePurgeAsync("anywire.accounts.secret"));
        await RefusesAsync("web", channel => channel.ExchangeDeclareAsync("anywire.accounts.exchange", ExchangeType.Fanout));
    }

    [Fact]
    public async Task The_operator_may_do_everything_and_a_client_of_ones_own_what_it_needs()
    {
        await using var connection = await Bed.RabbitMqAsync(Bed.CredentialsOf(BrokerRights.Operator));
        await using var channel = await connection.CreateChannelAsync();
        await channel.QueueDeclareAsync("anywire.follows.any", durable: false, exclusive: false, autoDelete: false);
        await channel.QueueDeleteAsync("anywire.follows.any");
        await using var bot = await Bed.RabbitMqAsync(Bed.CredentialsOf("bot"));
        Assert.True(bot.IsOpen);
        await RefusesAsync("bot", c => c.BasicGetAsync("anywire.follows.any", autoAck: true));
    }

    [Fact]
    public async Task Nobody_gets_in_without_a_certificate_of_the_cluster_that_the_broker_knows()
    {
        await Assert.ThrowsAnyAsync<BrokerUnreachableException>(() => Bed.RabbitMqAsync(Bed.Stranger("web")));
        await Assert.ThrowsAnyAsync<BrokerUnreachableException>(() => Bed.RabbitMqAsync(credentials: null));
        // With a certificate, but by guest's password.
        await Assert.ThrowsAnyAsync<BrokerUnreachableException>(() => Bed.RabbitMqAsync(Bed.CredentialsOf("web"), new PlainMechanismFactory()));
        Bed.Keys.Issue("latecomer");
        await Assert.ThrowsAnyAsync<BrokerUnreachableException>(() => Bed.RabbitMqAsync(Bed.CredentialsOf("latecomer")));
    }

    [Fact]
    public async Task Doctor_finds_it_well_and_a_stranger_in_its_place()
    {
        Assert.Equal(Severity.Ok, Assert.Single(await BrokerExam.LookAsync(Bed.Topology, Bed.KeyDirectory)).Severity);
        _ = Bed.Stranger("web");
        var strange = Assert.Single(await BrokerExam.LookAsync(Bed.Topology, Bed.PathOf("others")));
        Assert.Equal(Severity.Fail, strange.Severity);
        Assert.Contains("not of this cluster", strange.Text);
    }

    private static Dictionary<string, object?> Quorum(params IEnumerable<(string Key, object? Value)> more) =>
        more.Prepend(("x-queue-type", "quorum")).ToDictionary(a => a.Item1, a => a.Item2, StringComparer.Ordinal);

    private async Task RefusesAsync(string name, Func<IChannel, Task> ask)
    {
        await using var connection = await Bed.RabbitMqAsync(Bed.CredentialsOf(name));
        await using var channel = await connection.CreateChannelAsync();
        var refused = await Assert.ThrowsAnyAsync<OperationInterruptedException>(() => ask(channel));
        Assert.Equal(Constants.AccessRefused, refused.ShutdownReason!.ReplyCode);
    }
}
