using Anywire;
using Google.Protobuf.WellKnownTypes;
using Twite.Contracts;

namespace Twite.Lab.Event;

/// <summary>Tells Notifications that messages were posted, as Messages does; or the front end, as Notifications does.</summary>
/// <param name="guaranteed">To Notifications, as Messages.</param>
/// <param name="live">To the front end, as Notifications.</param>
internal sealed class EventSender(AnywireClient guaranteed, AnywireClient live) : IAsyncDisposable
{
    // As long as a message can be.
    private static readonly string Text = string.Concat(Enumerable.Repeat("A finch sings. ", 10))[..141];
    private const long FirstMessage = 115_604_711_170_000;
    private const long Posted = 1_795_500_000;

    private readonly NotificationsService.NotificationsServiceClient _notifications = new(guaranteed.Invoker);
    private readonly LiveUpdatesService.LiveUpdatesServiceClient _liveUpdates = new(live.Invoker);

    /// <summary>Hands over one event that must come at least once.</summary>
    /// <returns>True when it has been acknowledged.</returns>
    public async ValueTask<bool> SendAsync(int run, long number, long from)
    {
        await _notifications.OnMessagePostedAsync(new MessagePosted
        {
            Header = new EventHeader { Id = new EventId(run, number, from).ToString(), OccurredAt = When() },
            Message = MessageOf(number),
            PreviousChangeId = FirstMessage + number - 1,
        });
        return true;
    }

    /// <summary>Hands over the same message without any guarantee.</summary>
    /// <returns>True when it is on its way.</returns>
    public async ValueTask<bool> PushAsync(int run, long number, long from)
    {
        await _liveUpdates.PushAsync(new LiveUpdate { Epoch = run, Number = number, Sender = from, Posted = new LivePost { Message = MessageOf(number) } });
        return true;
    }

    public async ValueTask DisposeAsync()
    {
        await guaranteed.DisposeAsync();
        await live.DisposeAsync();
    }

    private static Message MessageOf(long number) =>
        new() { Id = FirstMessage + number, AuthorId = FirstMessage, AuthorName = "finch", Text = Text, CreatedAt = When() };

    private static Timestamp When() => new() { Seconds = Posted };
}
