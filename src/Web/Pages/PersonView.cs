using Twite.Contracts;
using Twite.Web.Sessions;

namespace Twite.Web.Pages;

/// <summary>A person in a list or on their page.</summary>
/// <param name="Account">Who it is.</param>
/// <param name="Relationship">How the viewer stands to them; null for strangers, for oneself, and while Follows does not answer.</param>
/// <param name="IsViewer">It is the viewer.</param>
internal sealed record PersonView(Account Account, Relationship? Relationship, bool IsViewer)
{
    public string Url => "/@" + Account.Name;

    /// <summary>What they are called: while suspended by their name alone, since what they call themselves is hidden with what they said.</summary>
    public string DisplayName => Account.Suspended ? Account.Name : Account.DisplayName;

    /// <summary>What they say of themselves; empty while suspended.</summary>
    public string Biography => Account.Suspended ? "" : Account.Biography;

    public static PersonView Of(Account account, Viewer? viewer, IReadOnlyDictionary<long, Relationship>? relationships)
    {
        var isViewer = viewer?.Account.Id == account.Id;
        return new PersonView(account, isViewer ? null : relationships?.GetValueOrDefault(account.Id), isViewer);
    }
}

/// <summary>How a viewer stands to some people, in one call.</summary>
internal static class Relationships
{
    /// <summary>By the other's id; empty, without a call, for strangers and for nobody to ask about.</summary>
    public static async Task<IReadOnlyDictionary<long, Relationship>> ReadAsync(
        TwiteClients clients, Viewer? viewer, IReadOnlyCollection<long> others, CancellationToken cancellationToken)
    {
        var request = new ListRelationshipsRequest { OtherIds = { viewer is null ? [] : others.Where(id => id != viewer.Account.Id) } };
        if (request.OtherIds.Count == 0)
        {
            return new Dictionary<long, Relationship>();
        }
        request.AccountId = viewer!.Account.Id;
        var reply = await clients.Follows.ListRelationshipsAsync(request, cancellationToken: cancellationToken);
        return reply.Relationships.ToDictionary(r => r.OtherId);
    }
}
