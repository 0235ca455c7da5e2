using System.Text;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace Twite.Processes.Doubling;

/// <summary>The same at a RabbitMQ, whose firehose tells of everything that is published (https://www.rabbitmq.com/docs/firehose).</summary>
internal sealed class RabbitMqDoubler : IDoubler
{
    private const string Firehose = "amq.rabbitmq.trace";
    private const string VirtualHost = "twite";

    private readonly OperatorCertificate _operator;
    private readonly IConnection _connection;
    private readonly IChannel _channel;
    private int _events;
    private int _requests;

    private RabbitMqDoubler(OperatorCertificate @operator, IConnection connection, IChannel channel) =>
        (_operator, _connection, _channel) = (@operator, connection, channel);

    public int Events => Volatile.Read(ref _events);

    public int Requests => Volatile.Read(ref _requests);

    public static async Task<IDoubler> BeginAsync(UpNetwork network)
    {
        var own = new OperatorCertificate(network);
        var address = network.BrokerAddress.Split(':');
        var connection = await new ConnectionFactory
        {
            VirtualHost = VirtualHost,
            AuthMechanisms = [new ExternalMechanismFactory()],
            Endpoint = new AmqpTcpEndpoint(address[0], int.Parse(address[1]), new SslOption(OperatorCertificate.Broker, enabled: true)
            {
                CertificateSelectionCallback = own.Select,
                CertificateValidationCallback = own.Accepts,
            }),
        }.CreateConnectionAsync();
        var doubler = new RabbitMqDoubler(own, connection, await connection.CreateChannelAsync());
        await doubler.ListenAsync();
        await network.RabbitMqCtlAsync("trace_on", "-p", VirtualHost);
        return doubler;
    }

    public async ValueTask DisposeAsync()
    {
        await _connection.DisposeAsync();
        _operator.Dispose();
    }

    private async Task ListenAsync()
    {
        var queue = (await _channel.QueueDeclareAsync()).QueueName;
        await _channel.QueueBindAsync(queue, Firehose, "publish.#");
        var consumer = new AsyncEventingBasicConsumer(_channel);
        consumer.ReceivedAsync += (_, delivery) => DoubleAsync(delivery);
        await _channel.BasicConsumeAsync(queue, autoAck: true, consumer);
    }

    private async Task DoubleAsync(BasicDeliverEventArgs heard)
    {
        var told = heard.BasicProperties.Headers!;
        var key = Text(((IList<object?>)told["routing_keys"]!)[0]);
        // What it has sent itself it hears as well.
        if (Text(told["user"]) == OperatorCertificate.Name || !(key.EndsWith(".events", StringComparison.Ordinal) || key.EndsWith(".requests", StringComparison.Ordinal)))
        {
            return;
        }
        var properties = (IDictionary<string, object?>)told["properties"]!;
        var again = new BasicProperties();
        if (properties.TryGetValue("reply_to", out var replyTo))
        {
            again.ReplyTo = Text(replyTo);
        }
        if (properties.TryGetValue("message_id", out var id))
        {
            (again.MessageId, again.DeliveryMode) = (Text(id), DeliveryModes.Persistent);
        }
        await _channel.BasicPublishAsync("", key, mandatory: false, again, heard.Body);
        Interlocked.Increment(ref key.EndsWith(".events", StringComparison.Ordinal) ? ref _events : ref _requests);
    }

    private static string Text(object? value) => Encoding.UTF8.GetString((byte[])value!);
}
