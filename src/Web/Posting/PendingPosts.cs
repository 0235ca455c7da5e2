using Grpc.Core;
using Microsoft.AspNetCore.Http;
using Twite.Contracts;
using Twite.Web.Sessions;

namespace Twite.Web.Posting;

/// <summary>The messages of a viewer that wait to be posted, kept in a cookie of theirs until they are there. One per request (scoped).</summary>
internal sealed class PendingPosts(IHttpContextAccessor http, PendingCookie cookie, PendingSeal seal, TwiteClients clients, TimeProvider time)
{
    // What is not there by then was not held up but lost, or refused.
    private static readonly TimeSpan Overdue = TimeSpan.FromDays(1);

    // Messages remembers keys for a little longer: whether what is older was posted, nobody knows.
    private static readonly TimeSpan Forgotten = TimeSpan.FromDays(7);

    private HttpContext Context => http.HttpContext ?? throw new InvalidOperationException("There is no request.");

    /// <summary>One of them; null when it is not known.</summary>
    public PendingPost? Find(Viewer viewer, string key) => Read(viewer).FirstOrDefault(p => p.Key == key);

    /// <summary>Remembers a message that was handed over. Of many the newest are remembered.</summary>
    public void Add(Viewer viewer, string key, string text) =>
        Write(viewer, [.. Read(viewer).Where(p => p.Key != key), new PendingPost(key, text, time.GetUtcNow())]);

    /// <summary>Forgets one, if it is known.</summary>
    public void Remove(Viewer viewer, string key)
    {
        var posts = Read(viewer);
        if (posts.Any(p => p.Key == key))
        {
            Write(viewer, [.. posts.Where(p => p.Key != key)]);
        }
    }

    /// <summary>Finds out what became of them; <see cref="Take"/> the result. Asks nobody when there are none.</summary>
    /// <returns>Null when there are none.</returns>
    public async Task<PendingView?> AskAsync(Viewer viewer, CancellationToken cancellationToken)
    {
        var posts = Read(viewer);
        if (posts.Count == 0)
        {
            return null;
        }
        var now = time.GetUtcNow();
        if (await FindPostedAsync(viewer, posts, cancellationToken) is not { } posted)
        {
            return new PendingView(posts, [], [], 0, now);
        }
        PendingPost[] left = [.. posts.Where(p => !posted.Contains(p.Key))];
        var late = left.ToLookup(p => now - p.Since > Forgotten ? Forgotten : now - p.Since > Overdue ? Overdue : TimeSpan.Zero);
        return new PendingView([.. late[TimeSpan.Zero]], [.. late[Overdue]], [.. late[Forgotten]], posts.Count - left.Length, now);
    }

    /// <summary>Forgets those that were posted. Not part of asking, which other calls need not wait for: a response is written by one at a time.</summary>
    public PendingView? Take(Viewer viewer, PendingView? view)
    {
        if (view is { Posted: > 0 })
        {
            Write(viewer, [.. view.Forgotten, .. view.Overdue, .. view.Waiting]);
        }
        return view;
    }

    // Null when Messages cannot say: a mark beside a timeline is no reason to fail a page.
    private async Task<IReadOnlyCollection<string>?> FindPostedAsync(Viewer viewer, IEnumerable<PendingPost> posts, CancellationToken cancellationToken)
    {
        try
        {
            var request = new FindPostedRequest { IdempotencyKeys = { posts.Select(p => p.Key) } };
            return (await clients.Messages.FindPostedAsync(request, viewer.Headers(), cancellationToken: cancellationToken)).IdempotencyKeys;
        }
        catch (RpcException)
        {
            return null;
        }
    }

    private IReadOnlyList<PendingPost> Read(Viewer viewer) =>
        cookie.Read(Context.Request) is { } value ? seal.Open(viewer.Account.Id, value) : [];

    private void Write(Viewer viewer, IReadOnlyList<PendingPost> posts)
    {
        if (posts.Count == 0)
        {
            cookie.Clear(Context.Response);
        }
        else
        {
            cookie.Write(Context.Response, seal.Close(viewer.Account.Id, posts));
        }
    }
}
