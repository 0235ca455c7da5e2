using System.Data.Common;
using Google.Protobuf.WellKnownTypes;
using Twite.Contracts;
using Twite.Storage;

namespace Twite.Messages;

/// <summary>Reads messages as rows: the one mapping from row to contract.</summary>
internal static class MessageRows
{
    private const string FindById = "SELECT id, author_id, author_name, text FROM messages WHERE id = ?1";

    /// <summary>Gets one message.</summary>
    public static Message? Find(StorageConnection connection, long id)
    {
        using var reader = connection.Query(FindById, id);
        return reader.Read() ? Map(reader) : null;
    }

    /// <summary>The messages of ids, in that order, without those that are gone.</summary>
    public static void AddAll(StorageConnection connection, ReadOnlySpan<long> ids, List<Message> into) =>
        connection.QueryEach(FindById, ids, (_, row) => into.Add(Map(row)));

    /// <summary>Those of some idempotency keys that an author has posted under, whatever became of the messages.</summary>
    public static List<string> FindPosted(StorageConnection connection, long authorId, IEnumerable<string> keys)
    {
        string[] distinct = [.. keys.Distinct(StringComparer.Ordinal)];
        var posted = new List<string>();
        connection.QueryEach<string>(
            "SELECT 1 FROM idempotency_keys WHERE key = ?1 AND author_id = ?2", distinct, (key, _) => posted.Add(key), authorId);
        return posted;
    }

    /// <summary>A message as it is told to others.</summary>
    public static Message Create(long id, long authorId, string authorName, string text) => new()
    {
        Id = id,
        AuthorId = authorId,
        AuthorName = authorName,
        Text = text,
        CreatedAt = ChangeId.TimeOf(id).ToTimestamp(),
    };

    /// <summary>A row of id, author_id, author_name, text.</summary>
    public static Message Map(DbDataReader row) => Create(row.GetInt64(0), row.GetInt64(1), row.GetString(2), row.GetString(3));
}
