using Anywire;
using Grpc.Core;
using Grpc.Core.Interceptors;
using Twite.Contracts;

namespace Twite.Web;

/// <summary>The services as the front end sees them: generated clients, over whatever wire the topology says. Immutable.</summary>
public sealed class TwiteClients(IServiceDirectory directory)
{
    /// <summary>Who people are.</summary>
    public AccountsService.AccountsServiceClient Accounts { get; } = new(Connect(directory, "accounts"));

    /// <summary>What they say.</summary>
    public MessagesService.MessagesServiceClient Messages { get; } = new(Connect(directory, "messages"));

    /// <summary>Who listens to whom.</summary>
    public FollowsService.FollowsServiceClient Follows { get; } = new(Connect(directory, "follows"));

    /// <summary>What happened to them.</summary>
    public NotificationsService.NotificationsServiceClient Notifications { get; } = new(Connect(directory, "notifications"));

    /// <summary>Whether the wire to Messages holds what is submitted while they are away.</summary>
    public bool CanSubmit => directory.TraitsOf("messages").AtLeastOnce == Acknowledgement.Accepted;

    private static CallInvoker Connect(IServiceDirectory directory, string service) =>
        directory.Connect(service).Intercept(new ServiceNaming(service));
}
