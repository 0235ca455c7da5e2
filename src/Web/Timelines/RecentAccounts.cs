using Grpc.Core;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.Options;
using Twite.Contracts;

namespace Twite.Web.Timelines;

/// <summary>Who ids belong to, looked up all at once and remembered for a few seconds: a changed display name is seen everywhere soon, and
/// a busy timeline does not ask for the same people over and over. Any thread may use it.</summary>
internal sealed class RecentAccounts(TwiteClients clients) : IDisposable
{
    private const int MaxRemembered = 20_000;
    private const int MaxAsked = 500;
    private static readonly TimeSpan RememberedFor = TimeSpan.FromSeconds(3);

    private readonly MemoryCache _recent = new(Options.Create(new MemoryCacheOptions { SizeLimit = MaxRemembered }));

    /// <summary>The accounts of some ids, in one call for up to 500; unknown and closed ones are absent.</summary>
    /// <exception cref="RpcException">Accounts cannot be asked.</exception>
    public Task<IReadOnlyDictionary<long, Account>> GetAsync(IEnumerable<long> ids, CancellationToken cancellationToken) =>
        GetAsync(ids, deadline: null, cancellationToken);

    private async Task<IReadOnlyDictionary<long, Account>> GetAsync(IEnumerable<long> ids, DateTime? deadline, CancellationToken cancellationToken)
    {
        var found = new Dictionary<long, Account>();
        var missing = new List<long>();
        foreach (var id in ids.Distinct())
        {
            if (_recent.TryGetValue<Account>(id, out var account))
            {
                found[id] = account!;
            }
            else
            {
                missing.Add(id);
            }
        }
        foreach (var some in missing.Chunk(MaxAsked))
        {
            var request = new ListAccountsRequest { Ids = { some } };
            foreach (var account in (await clients.Accounts.ListAccountsAsync(request, deadline: deadline, cancellationToken: cancellationToken)).Accounts)
            {
                found[account.Id] = Remember(account);
            }
        }
        return found;
    }

    /// <summary>The same, and nobody when Accounts cannot be asked: for where names that travel with messages will do.</summary>
    public async Task<IReadOnlyDictionary<long, Account>> GetOrNobodyAsync(IEnumerable<long> ids, CancellationToken cancellationToken) =>
        await TryGetAsync(ids, deadline: null, cancellationToken) ?? new Dictionary<long, Account>();

    /// <summary>The same, and null when Accounts cannot be asked.</summary>
    /// <param name="ids">Whose.</param>
    /// <param name="deadline">Until when Accounts may take to answer, in UTC; null: as long as the call may take.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task<IReadOnlyDictionary<long, Account>?> TryGetAsync(
        IEnumerable<long> ids, DateTime? deadline, CancellationToken cancellationToken)
    {
        try
        {
            return await GetAsync(ids, deadline, cancellationToken);
        }
        catch (RpcException)
        {
            return null;
        }
    }

    /// <summary>Forgets somebody who has just changed.</summary>
    public void Forget(long id) => _recent.Remove(id);

    /// <inheritdoc/>
    public void Dispose() => _recent.Dispose();

    private Account Remember(Account account) =>
        _recent.Set(account.Id, account, new MemoryCacheEntryOptions { Size = 1, AbsoluteExpirationRelativeToNow = RememberedFor });
}
