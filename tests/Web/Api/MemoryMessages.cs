using System.Globalization;
using Anywire;
using Anywire.Identity;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Twite.Contracts;

namespace Twite.Web.Tests.Api;

/// <summary>Messages in memory, by the contract.</summary>
internal sealed class MemoryMessages(UserAssertionVerifier users) : MessagesService.MessagesServiceBase
{
    private readonly Lock _lock = new();
    private readonly SortedDictionary<long, Change> _changes = [];
    private readonly Dictionary<(long, string), Message> _keys = [];
    private long _last = 1000;

    public override async Task<Message> Post(PostRequest request, ServerCallContext context)
    {
        var user = await users.RequireAsync(context);
        var text = request.Text.Normalize().Trim();
        if (text.Length == 0)
        {
            throw RpcErrors.InvalidArgument("text", "EMPTY", "Write something first.");
        }
        if (new StringInfo(text).LengthInTextElements > 141)
        {
            throw RpcErrors.InvalidArgument("text", "TOO_LONG", "A message has at most 141 characters.");
        }
        lock (_lock)
        {
            if (_keys.TryGetValue((user.Id, request.IdempotencyKey), out var known))
            {
                return known;
            }
            var message = new Message
            {
                Id = _last += 2, AuthorId = user.Id, AuthorName = user.Name, Text = text, CreatedAt = Timestamp.FromDateTimeOffset(TimeProvider.System.GetUtcNow()),
            };
            _changes[message.Id] = new Change { Id = message.Id, Posted = message };
            return _keys[(user.Id, request.IdempotencyKey)] = message;
        }
    }

    public override async Task<Empty> Delete(DeleteRequest request, ServerCallContext context)
    {
        var user = await users.RequireAsync(context);
        lock (_lock)
        {
            var message = Find(request.Id);
            if (message.AuthorId != user.Id)
            {
                throw RpcErrors.Failure(StatusCode.PermissionDenied, "NOT_YOURS", "This message is somebody else's.");
            }
            _changes.Remove(message.Id);
            var id = _last += 2;
            _changes[id] = new Change { Id = id, Deleted = new DeletedMessage { MessageId = message.Id, AuthorId = user.Id } };
            return new Empty();
        }
    }

    public override Task<Message> Get(GetRequest request, ServerCallContext context)
    {
        lock (_lock)
        {
            return Task.FromResult(Find(request.Id));
        }
    }

    public override Task<MessagesReply> ListByIds(ListByIdsRequest request, ServerCallContext context) =>
        Reply(m => request.Ids.Contains(m.Id), new Page { Limit = 80 });

    public override Task<MessagesReply> ListByAuthors(ListByAuthorsRequest request, ServerCallContext context) =>
        Reply(m => request.AuthorIds.Contains(m.AuthorId), request.Page);

    public override Task<MessagesReply> ListPublic(ListPublicRequest request, ServerCallContext context) => Reply(_ => true, request.Page);

    public override Task<MessagesReply> Search(SearchRequest request, ServerCallContext context) => Reply(
        m => request.Query.Split(' ').All(w => m.Text.Contains(w, StringComparison.OrdinalIgnoreCase)), request.Page);

    public override Task<CountByAuthorsReply> CountByAuthors(CountByAuthorsRequest request, ServerCallContext context)
    {
        lock (_lock)
        {
            return Task.FromResult(new CountByAuthorsReply { Counts = { request.AuthorIds.Select(a => Posted().LongCount(m => m.AuthorId == a)) } });
        }
    }

    public override Task<ListChangesReply> ListChanges(ListChangesRequest request, ServerCallContext context)
    {
        lock (_lock)
        {
            var changes = request.SinceId == 0 ? [] : _changes.Values.Where(c => c.Id > request.SinceId)
                .Where(c => request.AuthorIds.Count == 0 || request.AuthorIds.Contains(c.Posted?.AuthorId ?? c.Deleted.AuthorId));
            return Task.FromResult(new ListChangesReply { Changes = { changes }, UpToId = _last });
        }
    }

    private IEnumerable<Message> Posted() => _changes.Values.Select(c => c.Posted).OfType<Message>();

    private Message Find(long id) => Posted().FirstOrDefault(m => m.Id == id) ?? throw RpcErrors.NotFound("There is no such message.");

    private Task<MessagesReply> Reply(Func<Message, bool> matches, Page page)
    {
        lock (_lock)
        {
            var all = Posted().Where(matches)
                .Where(m => (page.MaxId == 0 || m.Id < page.MaxId) && m.Id > page.SinceId && m.Id > page.MinId).Select(m => m.Clone()).ToList();
            var taken = page.MinId != 0 ? all.Take(page.Limit) : all.TakeLast(page.Limit);
            return Task.FromResult(new MessagesReply { Messages = { taken.Reverse() }, UpToId = _last });
        }
    }
}
