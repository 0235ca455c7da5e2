using System.Globalization;
using System.Text;
using Anywire.Messaging;
using NATS.Client.Core;
using NATS.Client.JetStream;
using NATS.Client.JetStream.Models;

namespace Anywire.Nats;

/// <summary>A service's dead letters in their stream; an id is a place in it.</summary>
internal sealed class NatsDeadLetters(NatsConnection connection, string events, string dead) : IDeadLetterStore
{
    private const int NotFound = 404;

    private readonly NatsJSContext _jetStream = new(connection);

    public static async Task<IDeadLetterStore> OpenAsync(TransportClientOptions options, IReadOnlyList<NatsAddress> nodes)
    {
        try
        {
            var connection = await NatsConnections.ConnectAsync(nodes, options.Credentials, options.Caller, $"dead letters of {options.Service}");
            return new NatsDeadLetters(connection, nodes[0].EventsOf(options.Service), nodes[0].DeadLettersOf(options.Service));
        }
        catch (NatsException error)
        {
            throw new IOException($"The broker at {options.Endpoints[0]} cannot be reached: {error.GetBaseException().Message.TrimEnd('.')}.", error);
        }
    }

    public Task<IReadOnlyList<KeptDeadLetter>> ListAsync(int limit, CancellationToken cancellationToken) => DoAsync<IReadOnlyList<KeptDeadLetter>>([], async stream =>
    {
        var letters = new List<KeptDeadLetter>();
        // A stream that never had any begins at 0, where none can be.
        for (var at = Math.Max(1, stream.Info.State.FirstSeq); at <= stream.Info.State.LastSeq && letters.Count < limit; at++)
        {
            if (await FindAsync(stream, at, cancellationToken) is { } letter)
            {
                letters.Add(DeadLetterReader.Read(at.ToString(CultureInfo.InvariantCulture), letter.Data, ReasonOf(letter.Hdrs), letter.Time));
            }
        }
        return letters;
    }, cancellationToken);

    public Task<bool> ReplayAsync(string id, CancellationToken cancellationToken) => DoAsync(false, async stream =>
    {
        if (!ulong.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out var at) || await FindAsync(stream, at, cancellationToken) is not { } letter)
        {
            return false;
        }
        // Accepted before it is taken from the dead letters, under a name that the broker has not just seen.
        var accepted = await _jetStream.PublishAsync(events, letter.Data, opts: new NatsJSPubOpts { MsgId = $"replay-{Guid.NewGuid():N}" }, cancellationToken: cancellationToken);
        accepted.EnsureSuccess();
        return await stream.DeleteMessageAsync(new StreamMsgDeleteRequest { Seq = at }, cancellationToken) is { Success: true };
    }, cancellationToken);

    public Task<bool> DropAsync(string id, CancellationToken cancellationToken) => DoAsync(
        false,
        async stream => ulong.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out var at)
            && await FindAsync(stream, at, cancellationToken) is not null
            && await stream.DeleteMessageAsync(new StreamMsgDeleteRequest { Seq = at }, cancellationToken) is { Success: true },
        cancellationToken);

    public ValueTask DisposeAsync() => connection.DisposeAsync();

    private async Task<T> DoAsync<T>(T without, Func<INatsJSStream, Task<T>> act, CancellationToken cancellationToken)
    {
        try
        {
            return await act(await _jetStream.GetStreamAsync(EventStreams.NameOf(dead), cancellationToken: cancellationToken));
        }
        catch (NatsJSApiException missing) when (missing.Error.Code == NotFound)
        {
            // The service has never listened there.
            return without;
        }
        catch (NatsException error)
        {
            throw new IOException($"The broker did not do it: {error.Message.TrimEnd('.')}.", error);
        }
    }

    private static async Task<StoredMessage?> FindAsync(INatsJSStream stream, ulong at, CancellationToken cancellationToken)
    {
        try
        {
            return (await stream.GetAsync(new StreamMsgGetRequest { Seq = at }, cancellationToken)).Message;
        }
        catch (NatsJSApiException missing) when (missing.Error.Code == NotFound)
        {
            return null;
        }
    }

    private static string ReasonOf(string? headers)
    {
        var lines = Encoding.ASCII.GetString(Convert.FromBase64String(headers ?? "")).Split("\r\n");
        return lines.FirstOrDefault(l => l.StartsWith(EventHeaders.Reason + ":", StringComparison.Ordinal)) is { } line
            ? Uri.UnescapeDataString(line[(EventHeaders.Reason.Length + 1)..].Trim())
            : "Why is not known.";
    }
}
