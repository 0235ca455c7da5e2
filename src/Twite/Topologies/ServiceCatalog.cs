using System.Collections.Immutable;
using Google.Protobuf.Reflection;
using Twite.Contracts;

namespace Twite.Topologies;

/// <summary>The services this network is made of, what each answers for, and who calls whom.</summary>
internal static class ServiceCatalog
{
    /// <summary>The operator's tool: it calls and is never called.</summary>
    public const string Admin = "admin";

    /// <summary>The front end.</summary>
    public const string Web = "web";

    /// <summary>What each name in a topology answers for.</summary>
    public static ImmutableSortedDictionary<string, ServiceDescriptor> Services { get; } = new Dictionary<string, ServiceDescriptor>
    {
        ["accounts"] = AccountsService.Descriptor,
        ["messages"] = MessagesService.Descriptor,
        ["follows"] = FollowsService.Descriptor,
        ["notifications"] = NotificationsService.Descriptor,
        [Web] = LiveUpdatesService.Descriptor,
    }.ToImmutableSortedDictionary(StringComparer.Ordinal);

    /// <summary>Who leaves events for others in a database of its own.</summary>
    public static ImmutableArray<string> WithOutbox { get; } = ["accounts", "follows", "messages"];

    /// <summary>Who keeps something. In this order nobody comes before those whose events it takes.</summary>
    public static ImmutableArray<string> WithDatabase { get; } = [.. WithOutbox, "notifications"];

    /// <summary>Who calls whom. An edge that is missing here is a call that fails on the first try, not at three in the morning.</summary>
    public static ImmutableArray<(string Caller, string Callee)> Edges { get; } =
    [
        (Web, "accounts"), (Web, "messages"), (Web, "follows"), (Web, "notifications"),
        ("messages", "notifications"), ("messages", "accounts"),
        ("follows", "notifications"), ("follows", "accounts"),
        ("notifications", "accounts"), ("notifications", "messages"), ("notifications", "follows"), ("notifications", Web),
        ("accounts", "messages"), ("accounts", "follows"), ("accounts", "notifications"),
        (Admin, "accounts"), (Admin, "messages"), (Admin, "follows"),
    ];
}
