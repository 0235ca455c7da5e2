using Anywire;
using Anywire.Identity;
using Google.Protobuf;
using Grpc.Core;
using Twite.Contracts;
using Twite.Storage;

namespace Twite.Messages;

/// <summary>What changes messages, each within one work of a group commit.</summary>
internal sealed class MessageWrites(RecentMessages recent, HiddenAuthors hidden, SearchIndex search)
{
    /// <summary>Posts a message, or finds the one that was posted under the key.</summary>
    /// <exception cref="RpcException">PERMISSION_DENIED: the author is suspended or gone. NOT_FOUND: it was posted and deleted since.</exception>
    public Message Post(WriteSession session, UserIdentity author, string text, string key)
    {
        var (known, state) = FindByKey(session.Connection, author.Id, key);
        return known is null
            ? Add(session, author, state, text, key)
            : MessageRows.Find(session.Connection, known.Value)
                ?? throw RpcErrors.NotFound("This message was posted before and has been deleted since.");
    }

    /// <summary>Posts a message when none was posted under the key; also one that was deleted since is done with.</summary>
    /// <returns>Whether it was new.</returns>
    /// <exception cref="RpcException">PERMISSION_DENIED: the author is suspended or gone.</exception>
    public bool Submit(WriteSession session, UserIdentity author, string text, string key)
    {
        var (known, state) = FindByKey(session.Connection, author.Id, key);
        if (known is null)
        {
            Add(session, author, state, text, key);
        }
        return known is null;
    }

    /// <summary>Stores a message that nobody is told of.</summary>
    /// <returns>False when there is one under the key already.</returns>
    public bool Import(WriteSession session, ImportedMessage message, string text)
    {
        if (FindByKey(session.Connection, message.AuthorId, message.IdempotencyKey).MessageId is not null)
        {
            return false;
        }
        Insert(session, session.NextId(), message.AuthorId, message.AuthorName, text, message.IdempotencyKey);
        return true;
    }

    /// <summary>Deletes a message.</summary>
    /// <exception cref="RpcException">NOT_FOUND, or PERMISSION_DENIED when it is someone else's.</exception>
    public void Delete(WriteSession session, UserIdentity caller, long id)
    {
        var message = MessageRows.Find(session.Connection, id);
        // As it is stored: where replicas write too, the memory may not have heard of it yet.
        if (message is null || session.Connection.FindInt64("SELECT 1 FROM authors WHERE id = ?1 AND state <> 1", message.AuthorId) is not null)
        {
            throw RpcErrors.NotFound("There is no such message, or no longer.");
        }
        if (message.AuthorId != caller.Id)
        {
            throw RpcErrors.Failure(StatusCode.PermissionDenied, "NOT_THE_AUTHOR", "Only its author can delete a message.");
        }
        var change = session.NextId();
        Remove(session, message);
        session.Connection.Send("INSERT INTO deletions (change_id, message_id, author_id) VALUES (?1, ?2, ?3)", change.Id, id, caller.Id);
        // Before the event goes out, so that who is told of it finds it.
        session.OnCommitted(() => recent.Deleted(change, id, caller.Id));
        session.Enqueue(MessageEvents.Receiver, MessageEvents.Deleted, new MessageDeleted
        {
            MessageId = id,
            AuthorId = caller.Id,
            ChangeId = change.Id,
            PreviousChangeId = change.Previous,
        }.ToByteArray());
    }

    /// <summary>Accounts says how it stands with an author. What it said earlier but arrives later changes nothing, and deleted stays deleted.</summary>
    public void SetState(WriteSession session, long authorId, AccountState state, long saidAt)
    {
        var change = session.NextId();
        var changed = session.Connection.Run(
            """
            INSERT INTO authors (id, state, state_at, changed_in) VALUES (?1, ?2, ?3, ?5)
            ON CONFLICT (id) DO UPDATE SET state = excluded.state, state_at = excluded.state_at, changed_in = excluded.changed_in
            WHERE authors.state_at <= excluded.state_at AND authors.state <> ?4
            """,
            authorId, (long)state, saidAt, (long)AccountState.Deleted, change.Id);
        session.OnCommitted(() => recent.Changed(change, () =>
        {
            if (changed > 0)
            {
                hidden.Set(authorId, state);
            }
        }));
    }

    /// <summary>Removes some messages of a deleted author.</summary>
    /// <returns>How many.</returns>
    public int Purge(WriteSession session, long authorId, int limit)
    {
        var messages = session.Connection.List(
            MessageRows.Map, "SELECT id, author_id, author_name, text FROM messages WHERE author_id = ?1 LIMIT ?2", authorId, limit);
        messages.ForEach(m => Remove(session, m));
        if (messages.Count < limit)
        {
            session.Connection.Send("DELETE FROM idempotency_keys WHERE author_id = ?1", authorId);
            session.OnCommitted(() => recent.Removed(authorId));
        }
        return messages.Count;
    }

    private Message Add(WriteSession session, UserIdentity author, AccountState state, string text, string key)
    {
        // As it is stored: where replicas write too, the memory may not have heard of it yet.
        if (state != AccountState.Active)
        {
            throw RpcErrors.Failure(StatusCode.PermissionDenied, "ACCOUNT_CLOSED", "This account is suspended or deleted and cannot post.");
        }
        var id = session.NextId();
        Insert(session, id, author.Id, author.Name, text, key);
        var message = MessageRows.Create(id.Id, author.Id, author.Name, text);
        session.Enqueue(MessageEvents.Receiver, MessageEvents.Posted,
            new MessagePosted { Message = message, PreviousChangeId = id.Previous }.ToByteArray());
        return message;
    }

    private void Insert(WriteSession session, ChangeId change, long authorId, string authorName, string text, string key)
    {
        var id = change.Id;
        session.Connection.Send("INSERT INTO messages (id, author_id, author_name, text) VALUES (?1, ?2, ?3, ?4)", id, authorId, authorName, text);
        session.Connection.Send("INSERT INTO idempotency_keys (message_id, author_id, key) VALUES (?1, ?2, ?3)", id, authorId, key);
        session.Connection.Send(
            "INSERT INTO authors (id, messages) VALUES (?1, 1) ON CONFLICT (id) DO UPDATE SET messages = authors.messages + 1", authorId);
        search.Add(session, id, authorName, text);
        session.OnCommitted(() => recent.Posted(change, authorId));
    }

    private void Remove(WriteSession session, Message message)
    {
        session.Connection.Send("DELETE FROM messages WHERE id = ?1", message.Id);
        session.Connection.Send("UPDATE authors SET messages = messages - 1 WHERE id = ?1", message.AuthorId);
        search.Remove(session, message.Id, message.AuthorName, message.Text);
    }

    private static (long? MessageId, AccountState AuthorState) FindByKey(StorageConnection connection, long authorId, string key)
    {
        using var row = connection.Query(
            """
            SELECT (SELECT message_id FROM idempotency_keys WHERE author_id = ?1 AND key = ?2),
              coalesce((SELECT state FROM authors WHERE id = ?1), 1)
            """,
            authorId, key);
        row.Read();
        return (row.IsDBNull(0) ? null : row.GetInt64(0), (AccountState)row.GetInt64(1));
    }
}
