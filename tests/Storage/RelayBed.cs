using System.Collections.Concurrent;
using System.Text;

namespace Twite.Storage;

/// <summary>A relay whose receiver does as the test says and remembers what it was handed.</summary>
internal sealed class RelayBed(DatabaseBed bed, Database database) : IAsyncDisposable
{
    private OutboxRelay? _relay;

    public static OutboxRelayOptions Options { get; } = new() { SettleDelay = TimeSpan.Zero };

    public ConcurrentQueue<OutboxEvent> Handed { get; } = new();

    public Func<OutboxEvent, Task<HandOver>> Answer { get; set; } = _ => Task.FromResult(HandOver.Handled);

    public Database Database => database;

    public RelayBed Start(OutboxRelayOptions? options = null)
    {
        _relay = new OutboxRelay(database, options ?? Options, async (e, cancellationToken) =>
        {
            Handed.Enqueue(e);
            return await Answer(e).WaitAsync(cancellationToken);
        });
        _relay.Start();
        return this;
    }

    public Task EnqueueAsync(string text, string receiver = "notifications") =>
        database.WriteAsync(s => s.Enqueue(receiver, "note", Encoding.UTF8.GetBytes(text)), CancellationToken.None);

    public List<string> Texts => [.. Handed.Select(e => Encoding.UTF8.GetString(e.Body.Span))];

    public Task UntilEmptyAsync() => DatabaseBed.UntilAsync(() => database.Outbox.Count() == (0, 0));

    public Task UntilHandedAsync(int count) => DatabaseBed.UntilAsync(() => Handed.Count >= count);

    /// <summary>Lets the clock run until the receiver was handed so many.</summary>
    public Task AdvanceUntilHandedAsync(int count, TimeSpan? step = null) =>
        bed.AdvanceUntilAsync(step ?? TimeSpan.FromMilliseconds(50), () => Handed.Count >= count);

    public ValueTask DisposeAsync() => _relay?.DisposeAsync() ?? ValueTask.CompletedTask;
}
