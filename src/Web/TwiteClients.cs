using Anywire;
using Twite.Contracts;

namespace Twite.Web;

/// <summary>The services as the front end sees them: generated clients, over whatever wire the topology says. Immutable.</summary>
public sealed class TwiteClients(IServiceDirectory directory)
{
    /// <summary>Who people are.</summary>
    public AccountsService.AccountsServiceClient Accounts { get; } = new(directory.Connect("accounts"));

    /// <summary>What they say.</summary>
    public MessagesService.MessagesServiceClient Messages { get; } = new(directory.Connect("messages"));

    /// <summary>Who listens to whom.</summary>
    public FollowsService.FollowsServiceClient Follows { get; } = new(directory.Connect("follows"));

    /// <summary>What happened to them.</summary>
    public NotificationsService.NotificationsServiceClient Notifications { get; } = new(directory.Connect("notifications"));
}
