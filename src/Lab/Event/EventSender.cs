using Anywire;
using Google.Protobuf.WellKnownTypes;
using Twite.Contracts;

namespace Twite.Lab.Event;

/// <summary>Tells Notifications that messages were posted, as Messages does.</summary>
internal sealed class EventSender(AnywireClient client) : IAsyncDisposable
{
    // As long as a message can be.
    private static readonly string Text = string.Concat(Enumerable.Repeat("A finch sings. ", 10))[..141];
    private const long FirstMessage = 115_604_711_170_000;
    private const long Posted = 1_795_500_000;

    private readonly NotificationsService.NotificationsServiceClient _notifications = new(client.Invoker);

    /// <summary>Hands over one event.</summary>
    /// <returns>True when it has been acknowledged.</returns>
    public async ValueTask<bool> SendAsync(int run, long number, long from)
    {
        var when = new Timestamp { Seconds = Posted };
        await _notifications.OnMessagePostedAsync(new MessagePosted
        {
            Header = new EventHeader { Id = new EventId(run, number, from).ToString(), OccurredAt = when },
            Message = new Message { Id = FirstMessage + number, AuthorId = FirstMessage, AuthorName = "finch", Text = Text, CreatedAt = when },
            PreviousChangeId = FirstMessage + number - 1,
        });
        return true;
    }

    public ValueTask DisposeAsync() => client.DisposeAsync();
}
