using Grpc.Core;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.Options;
using Twite.Contracts;
using Twite.Web.Sessions;

namespace Twite.Web.Timelines;

/// <summary>How many notifications somebody has not read. Timelines ask; other pages show what was last heard. Any thread may use it.</summary>
internal sealed class UnreadCounts(TwiteClients clients, TimeProvider time) : IDisposable
{
    private const int MaxRemembered = 20_000;
    private static readonly TimeSpan RememberedFor = TimeSpan.FromMinutes(2);

    // A page waits no longer for it.
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(400);

    private readonly MemoryCache _recent = new(Options.Create(new MemoryCacheOptions { SizeLimit = MaxRemembered }));

    /// <summary>Asks. A number beside a bell is no reason to fail a page, nor to have it wait.</summary>
    /// <returns>Whether Notifications is there; also when it takes its time.</returns>
    public async Task<bool> AskAsync(Viewer viewer, CancellationToken cancellationToken)
    {
        try
        {
            var request = new ListNotificationsRequest { Page = new Page { Limit = 1 } };
            var reply = await clients.Notifications.ListNotificationsAsync(
                request, viewer.Headers(), time.GetUtcNow().UtcDateTime + Patience, cancellationToken);
            Remember(viewer.Account.Id, reply.Unread);
            return true;
        }
        catch (RpcException e)
        {
            return e.StatusCode != StatusCode.Unavailable;
        }
    }

    /// <summary>What was last heard, within two minutes; 0 otherwise.</summary>
    public int Recall(long accountId) => _recent.TryGetValue<int>(accountId, out var unread) ? unread : 0;

    /// <summary>Takes in what was heard elsewhere.</summary>
    public int Remember(long accountId, int unread) =>
        _recent.Set(accountId, unread, new MemoryCacheEntryOptions { Size = 1, AbsoluteExpirationRelativeToNow = RememberedFor });

    /// <inheritdoc/>
    public void Dispose() => _recent.Dispose();
}
