using System.Collections.Concurrent;
using Grpc.Core;
using Twite.Contracts;

namespace Twite.Notifications.Mentions;

/// <summary>Whose names are whose: asks Accounts once for all names of a message, and remembers for a moment, also that a name is
/// nobody's. Any thread may use it.</summary>
internal sealed class AccountNames(AccountsService.AccountsServiceClient accounts, TimeSpan kept, TimeProvider time)
{
    private const int MaxRemembered = 10_000;

    private readonly ConcurrentDictionary<string, Known> _known = new(StringComparer.Ordinal);

    /// <summary>The accounts that have these names (in lower case), each once; names that nobody has are left out.</summary>
    /// <exception cref="RpcException">Accounts cannot be asked now.</exception>
    public async Task<IReadOnlyList<long>> ResolveAsync(IReadOnlyList<string> names, CancellationToken cancellationToken)
    {
        var found = new Dictionary<string, long?>(StringComparer.Ordinal);
        var unknown = new List<string>();
        foreach (var name in names)
        {
            if (_known.TryGetValue(name, out var known) && time.GetElapsedTime(known.At) < kept)
            {
                found[name] = known.AccountId;
            }
            else
            {
                unknown.Add(name);
            }
        }
        if (unknown.Count > 0)
        {
            var reply = await accounts.ListAccountsAsync(new ListAccountsRequest { Names = { unknown } }, cancellationToken: cancellationToken);
            var byName = reply.Accounts.ToDictionary(a => a.Name.ToLowerInvariant(), a => a.Id, StringComparer.Ordinal);
            foreach (var name in unknown)
            {
                found[name] = byName.TryGetValue(name, out var id) ? id : null;
                Remember(name, found[name]);
            }
        }
        return [.. names.Select(name => found[name]).OfType<long>().Distinct()];
    }

    private void Remember(string name, long? accountId)
    {
        if (_known.Count >= MaxRemembered)
        {
            _known.Clear();
        }
        _known[name] = new Known(accountId, time.GetTimestamp());
    }

    private readonly record struct Known(long? AccountId, long At);
}
