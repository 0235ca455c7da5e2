using System.Security.Cryptography;
using System.Text;
using Anywire.Messaging;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace Anywire.RabbitMq;

/// <summary>A service's dead letters in their queue. They are looked at by taking them without acknowledging: closing the channel puts them back.</summary>
internal sealed class RabbitMqDeadLetters(IConnection connection, string events, string dead) : IDeadLetterStore
{
    private const int MostLookedAt = 10_000;
    private const int HashDigits = 12;

    public static async Task<IDeadLetterStore> OpenAsync(TransportClientOptions options, IReadOnlyList<RabbitMqAddress> nodes, CancellationToken cancellationToken)
    {
        try
        {
            var connection = await RabbitMqConnections.ConnectAsync(nodes, options.Credentials, $"dead letters of {options.Service}", cancellationToken);
            return new RabbitMqDeadLetters(connection, nodes[0].EventsOf(options.Service), nodes[0].DeadLettersOf(options.Service));
        }
        catch (BrokerUnreachableException error)
        {
            throw new IOException($"The broker at {options.Endpoints[0]} cannot be reached: {error.GetBaseException().Message.TrimEnd('.')}.", error);
        }
    }

    public async Task<IReadOnlyList<KeptDeadLetter>> ListAsync(int limit, CancellationToken cancellationToken)
    {
        var letters = new List<KeptDeadLetter>();
        await WalkAsync(limit, (_, letter) =>
        {
            letters.Add(DeadLetterReader.Read(IdOf(letter), letter.Body.ToArray(), ReasonOf(letter.BasicProperties), TimeOf(letter.BasicProperties)));
            return Task.FromResult(false);
        }, cancellationToken);
        return letters;
    }

    public Task<bool> ReplayAsync(string id, CancellationToken cancellationToken) => FindAsync(id, async (channel, letter) =>
    {
        // Confirmed before it is taken from the dead letters.
        await channel.BasicPublishAsync(
            "", events, mandatory: true, new BasicProperties { DeliveryMode = DeliveryModes.Persistent, MessageId = letter.BasicProperties.MessageId }, letter.Body, cancellationToken);
        await channel.BasicAckAsync(letter.DeliveryTag, multiple: false, cancellationToken);
    }, cancellationToken);

    public Task<bool> DropAsync(string id, CancellationToken cancellationToken) => FindAsync(
        id, async (channel, letter) => await channel.BasicAckAsync(letter.DeliveryTag, multiple: false, cancellationToken), cancellationToken);

    public ValueTask DisposeAsync() => connection.DisposeAsync();

    private async Task<bool> FindAsync(string id, Func<IChannel, BasicGetResult, Task> act, CancellationToken cancellationToken)
    {
        var isFound = false;
        await WalkAsync(MostLookedAt, async (channel, letter) =>
        {
            if (IdOf(letter) != id)
            {
                return false;
            }
            await act(channel, letter);
            return isFound = true;
        }, cancellationToken);
        return isFound;
    }

    private async Task WalkAsync(int limit, Func<IChannel, BasicGetResult, Task<bool>> look, CancellationToken cancellationToken)
    {
        try
        {
            await using var channel = await connection.CreateChannelAsync(
                new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true), cancellationToken);
            for (var i = 0; i < limit && await channel.BasicGetAsync(dead, autoAck: false, cancellationToken) is { } letter && !await look(channel, letter); i++)
            {
                // The next.
            }
        }
        catch (OperationInterruptedException missing) when (missing.ShutdownReason?.ReplyCode == Constants.NotFound)
        {
            // The service has never listened there.
        }
        catch (Exception error) when (error is OperationInterruptedException or PublishException)
        {
            throw new IOException($"The broker did not do it: {error.Message.TrimEnd('.')}.", error);
        }
    }

    // Without an id of its own (nobody of us has sent it) it is called by what it says: its place changes when others go.
    private static string IdOf(BasicGetResult letter) => letter.BasicProperties.MessageId is { Length: > 0 } id
        ? id
        : $"#{Convert.ToHexStringLower(SHA256.HashData(letter.Body.Span))[..HashDigits]}";

    private static DateTimeOffset? TimeOf(IReadOnlyBasicProperties properties) =>
        properties.IsTimestampPresent() ? DateTimeOffset.FromUnixTimeSeconds(properties.Timestamp.UnixTime)
        // The broker itself has moved it; the newest of its moves comes first.
        : properties.Headers?.TryGetValue("x-death", out var moves) == true
            && moves is IList<object?> and [IDictionary<string, object?> move, ..] && move.TryGetValue("time", out var time) && time is AmqpTimestamp at
            ? DateTimeOffset.FromUnixTimeSeconds(at.UnixTime)
            : null;

    private static string ReasonOf(IReadOnlyBasicProperties properties) =>
        properties.Headers?.TryGetValue(EventHeaders.Reason, out var reason) == true && reason is byte[] text ? Encoding.UTF8.GetString(text)
        // The broker itself has moved it.
        : "It was delivered too often, and whoever handled it never came to an end.";
}
