using Anywire;
using Anywire.Identity;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Microsoft.Extensions.Logging;
using Twite.Contracts;
using Twite.Storage;
using Twite.Unicode;

namespace Twite.Messages;

/// <summary>Answers calls: checks what came, does it, says how it went.</summary>
internal sealed class MessagesEndpoint(
    Database database, MessageWrites writes, Timeline timeline, Changes changes, Housekeeping housekeeping, UserAssertionVerifier users,
    Lazy<AccountsService.AccountsServiceClient> accounts, ILogger<MessagesEndpoint> logger) : MessagesService.MessagesServiceBase
{
    private const int MaxAuthors = 10_000;
    private const int MaxIds = 80;
    private const int MaxKeys = 20;
    private const int MaxQuery = 500;
    private const int MaxCounted = 500;
    private const int MaxConfirmed = 500;
    private const int MaxChanges = 500;
    private const int DefaultChanges = 100;
    private const int MaxImported = 2_000;

    // What one work of the group commit imports: the others shall not wait long for it.
    private const int ImportedAtOnce = 200;

    public override async Task<Message> Post(PostRequest request, ServerCallContext context)
    {
        var author = await users.RequireAsync(context);
        var key = CheckKey(request.IdempotencyKey, "idempotency_key");
        var text = MessageText.Clean(request.Text);
        return await database.WriteAsync(session => writes.Post(session, author, text, key), context.CancellationToken);
    }

    public override async Task<Empty> Submit(SubmitRequest request, ServerCallContext context)
    {
        var author = await users.RequireAsync(context);
        var key = CheckKey(request.IdempotencyKey, "idempotency_key");
        var text = MessageText.Clean(request.Text);
        await database.WriteAsync(session => writes.Submit(session, author, text, key), context.CancellationToken);
        return new Empty();
    }

    public override async Task<FindPostedReply> FindPosted(FindPostedRequest request, ServerCallContext context)
    {
        var author = await users.RequireAsync(context);
        CheckCount(request.IdempotencyKeys.Count, MaxKeys, "idempotency_keys");
        var posted = database.Read(connection => MessageRows.FindPosted(connection, author.Id, request.IdempotencyKeys));
        return new FindPostedReply { IdempotencyKeys = { posted } };
    }

    public override async Task<Empty> Delete(DeleteRequest request, ServerCallContext context)
    {
        var caller = await users.RequireAsync(context);
        await database.WriteAsync(session => writes.Delete(session, caller, request.Id), context.CancellationToken);
        return new Empty();
    }

    public override Task<Message> Get(GetRequest request, ServerCallContext context) =>
        Task.FromResult(timeline.Find(request.Id) ?? throw RpcErrors.NotFound("There is no such message, or no longer."));

    public override Task<MessagesReply> ListByIds(ListByIdsRequest request, ServerCallContext context)
    {
        CheckCount(request.Ids.Count, MaxIds, "ids");
        return Task.FromResult(timeline.ListByIds(request.Ids));
    }

    public override Task<MessagesReply> ListByAuthors(ListByAuthorsRequest request, ServerCallContext context)
    {
        CheckCount(request.AuthorIds.Count, MaxAuthors, "author_ids");
        return Task.FromResult(timeline.ListByAuthors(request.AuthorIds, Window.Of(request.Page), context.CancellationToken));
    }

    public override Task<MessagesReply> ListPublic(ListPublicRequest request, ServerCallContext context) =>
        Task.FromResult(timeline.ListPublic(Window.Of(request.Page), context.CancellationToken));

    public override Task<MessagesReply> Search(SearchRequest request, ServerCallContext context)
    {
        if (Characters.Count(request.Query) > MaxQuery)
        {
            throw RpcErrors.InvalidArgument("query", "TOO_LONG", $"Search for at most {MaxQuery} characters.");
        }
        var window = Window.Of(request.Page);
        return Task.FromResult(SearchQuery.Parse(request.Query) is { } query
            ? timeline.Search(query, window, context.CancellationToken)
            : new MessagesReply());
    }

    public override Task<ListChangesReply> ListChanges(ListChangesRequest request, ServerCallContext context)
    {
        CheckCount(request.AuthorIds.Count, MaxAuthors, "author_ids");
        if (request.SinceId < 0 || request.Limit < 0)
        {
            throw RpcErrors.InvalidArgument(request.Limit < 0 ? "limit" : "since_id", "NEGATIVE", "Ids and limits are positive.");
        }
        var limit = request.Limit == 0 ? DefaultChanges : Math.Min(request.Limit, MaxChanges);
        return Task.FromResult(changes.List(request.SinceId, request.AuthorIds, limit));
    }

    public override Task<CountByAuthorsReply> CountByAuthors(CountByAuthorsRequest request, ServerCallContext context)
    {
        CheckCount(request.AuthorIds.Count, MaxCounted, "author_ids");
        return Task.FromResult(timeline.Count(request.AuthorIds));
    }

    public override async Task<ImportMessagesReply> ImportMessages(ImportMessagesRequest request, ServerCallContext context)
    {
        CheckCount(request.Messages.Count, MaxImported, "messages");
        // All are checked before the first is stored.
        var clean = request.Messages.Select((message, i) =>
        {
            CheckKey(message.IdempotencyKey, $"messages[{i}].idempotency_key");
            return message.AuthorId > 0 && message.AuthorName.Length > 0
                ? (Message: message, Text: MessageText.Clean(message.Text, $"messages[{i}].text"))
                : throw RpcErrors.InvalidArgument($"messages[{i}].author_id", "NO_AUTHOR", "A message needs an author's id and name.");
        }).ToList();
        var created = 0;
        foreach (var some in clean.Chunk(ImportedAtOnce))
        {
            created += await database.WriteAsync(
                session => some.Count(m => writes.Import(session, m.Message, m.Text)), context.CancellationToken);
        }
        return new ImportMessagesReply { Created = created };
    }

    public override async Task<Empty> OnAccountClosed(AccountClosed request, ServerCallContext context)
    {
        if (request.Header is null || request.Header.Id.Length is 0 or > 64 || request.State == AccountState.Unspecified)
        {
            throw RpcErrors.InvalidArgument("header", "NO_EVENT", "An event has an id and says what happened.");
        }
        request.Header.RequireSender(context);
        var saidAt = request.Header.OccurredAt?.ToDateTimeOffset().ToUnixTimeMilliseconds() ?? 0;
        var isNew = await database.WriteAsync(
            session =>
            {
                if (!session.TryBegin(request.Header.Id))
                {
                    return false;
                }
                writes.SetState(session, request.AccountId, request.State, saidAt);
                return true;
            },
            context.CancellationToken);
        if (isNew)
        {
            logger.AccountState(request.AccountId, request.State.ToString());
            housekeeping.Wake();
        }
        if (request.Header.Confirm)
        {
            await accounts.Value.HandledAsync(new HandledRequest { EventIds = { request.Header.Id } }, cancellationToken: context.CancellationToken);
        }
        return new Empty();
    }

    public override async Task<Empty> Handled(HandledRequest request, ServerCallContext context)
    {
        CheckCount(request.EventIds.Count, MaxConfirmed, "event_ids");
        CheckCount(request.Refused.Count, MaxConfirmed, "refused");
        var receiver = PeerIdentity.NameOf(context) ?? "";
        await database.Outbox.ConfirmAsync(receiver, request.EventIds, context.CancellationToken);
        await database.Outbox.ParkAsync(receiver, [.. request.Refused.Select(r => (r.EventId, r.Reason))], context.CancellationToken);
        return new Empty();
    }

    private static void CheckCount(int count, int max, string field)
    {
        if (count > max)
        {
            throw RpcErrors.InvalidArgument(field, "TOO_MANY", $"At most {max:N0} of {field} go into one call; this one has {count:N0}.");
        }
    }

    private static string CheckKey(string key, string field) =>
        key.Length is > 0 and <= 100 && key.All(c => c is > ' ' and <= '~')
            ? key
            : throw RpcErrors.InvalidArgument(field, "NOT_A_KEY", "An idempotency key is 1 to 100 printable ASCII characters without spaces.");
}
