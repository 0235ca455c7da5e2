using Twite.Contracts;
using Twite.Web.Api.Entities;

namespace Twite.Web.Api;

/// <summary>The people whom a reply names, looked up once for all of it. Immutable.</summary>
internal sealed class People
{
    private readonly Dictionary<long, AccountEntity> _byId = [];
    private readonly Dictionary<string, Account> _byName = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Puts together what was looked up.</summary>
    /// <param name="accounts">Those there are.</param>
    /// <param name="counted">Whose counts follow, and who therefore can be shown whole.</param>
    /// <param name="follows">In the order of <paramref name="counted"/>.</param>
    /// <param name="posts">Likewise.</param>
    /// <param name="links">For their addresses.</param>
    public People(
        IReadOnlyList<Account> accounts, IReadOnlyList<long> counted, IReadOnlyList<FollowCounts> follows, IReadOnlyList<long> posts, ApiLinks links)
    {
        foreach (var account in accounts)
        {
            _byName[account.Name] = account;
        }
        var byId = accounts.DistinctBy(a => a.Id).ToDictionary(a => a.Id);
        for (var i = 0; i < counted.Count; i++)
        {
            if (byId.TryGetValue(counted[i], out var account))
            {
                _byId[account.Id] = Entity(account, follows[i], posts[i], links);
            }
        }
    }

    public AccountEntity? Find(long id) => _byId.GetValueOrDefault(id);

    public Account? FindNamed(string name) => _byName.GetValueOrDefault(name);

    private static AccountEntity Entity(Account account, FollowCounts follows, long posts, ApiLinks links) => new()
    {
        Id = EntityReader.Text(account.Id),
        Username = account.Name,
        Acct = account.Name,
        // What a suspended person says about themselves is hidden with the rest.
        DisplayName = account.Suspended ? "" : account.DisplayName,
        Note = account.Suspended ? "" : ContentHtml.OfBiography(account.Biography, links),
        Suspended = account.Suspended,
        CreatedAt = ApiTime.Format(account.CreatedAt),
        Url = links.Account(account.Name),
        Uri = links.Account(account.Name),
        Avatar = links.Avatar(account.Id),
        AvatarStatic = links.Avatar(account.Id),
        Header = links.Header(account.Id),
        HeaderStatic = links.Header(account.Id),
        FollowersCount = follows.Followers,
        FollowingCount = follows.Following,
        StatusesCount = posts,
    };
}
