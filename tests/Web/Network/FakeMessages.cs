using Grpc.Core;
using Twite.Contracts;

namespace Twite.Web.Tests.Network;

/// <summary>Messages in memory: one sequence of changes, and deleted messages are gone from it as they are from the real one.</summary>
internal sealed class FakeMessages : MessagesService.MessagesServiceBase
{
    private readonly Lock _gate = new();
    private readonly List<Change> _changes = [];
    private long _lastId;
    private int _readings;

    public bool IsDown { get; set; }

    /// <summary>It takes calls and does not answer.</summary>
    public bool Hangs { get; set; }

    /// <summary>How often changes were read.</summary>
    public int Readings => Volatile.Read(ref _readings);

    /// <summary>The largest page it gives, whatever is asked for.</summary>
    public int MaxPage { get; init; } = 500;

    public long LastId
    {
        get
        {
            lock (_gate)
            {
                return _lastId;
            }
        }
    }

    /// <summary>The messages that were not deleted.</summary>
    public IReadOnlyList<long> PostIds
    {
        get
        {
            lock (_gate)
            {
                return [.. _changes.Where(c => c.Posted is not null).Select(c => c.Id)];
            }
        }
    }

    /// <summary>Posts, and answers with the update that would be pushed.</summary>
    public LivePost Post(long authorId, string text = "hello")
    {
        lock (_gate)
        {
            var post = new LivePost { PreviousChangeId = _lastId, Message = new Message { Id = NextId(), AuthorId = authorId, AuthorName = $"a{authorId}", Text = text } };
            _changes.Add(new Change { Id = post.Message.Id, Posted = post.Message });
            return post;
        }
    }

    public LiveDeletion Delete(long messageId)
    {
        lock (_gate)
        {
            var message = _changes.Single(c => c.Posted?.Id == messageId).Posted;
            _changes.RemoveAll(c => c.Id == messageId);
            var deletion = new LiveDeletion { MessageId = messageId, AuthorId = message.AuthorId, PreviousChangeId = _lastId, ChangeId = NextId() };
            _changes.Add(new Change { Id = deletion.ChangeId, Deleted = new DeletedMessage { MessageId = messageId, AuthorId = message.AuthorId } });
            return deletion;
        }
    }

    /// <summary>The ids of what there is to be shown of some authors after an id.</summary>
    public IReadOnlyList<long> IdsAfter(long id, params IReadOnlyCollection<long> authorIds)
    {
        lock (_gate)
        {
            return [.. _changes.Where(c => c.Id > id && (authorIds.Count == 0 || authorIds.Contains(AuthorOf(c)))).Select(c => c.Id)];
        }
    }

    public override async Task<ListChangesReply> ListChanges(ListChangesRequest request, ServerCallContext context)
    {
        Interlocked.Increment(ref _readings);
        if (Hangs)
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.CancellationToken);
        }
        if (IsDown)
        {
            throw new RpcException(new Status(StatusCode.Unavailable, "Messages is down."));
        }
        lock (_gate)
        {
            var reply = new ListChangesReply { UpToId = Math.Max(Math.Max(_lastId, 1), request.SinceId) };
            if (request.SinceId == 0 || request.SinceId >= _lastId)
            {
                return reply;
            }
            var limit = Math.Min(request.Limit == 0 ? 100 : request.Limit, MaxPage);
            var matching = _changes.Where(c => c.Id > request.SinceId && (request.AuthorIds.Count == 0 || request.AuthorIds.Contains(AuthorOf(c))));
            reply.Changes.AddRange(matching.Take(limit + 1).Select(c => c.Clone()));
            if (reply.Changes.Count > limit)
            {
                reply.Changes.RemoveAt(limit);
                reply.UpToId = reply.Changes[^1].Id;
                reply.More = true;
            }
            return reply;
        }
    }

    private static long AuthorOf(Change change) => change.Posted?.AuthorId ?? change.Deleted.AuthorId;

    private long NextId() => _lastId += 10;
}
