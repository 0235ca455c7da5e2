using System.Data.Common;
using Twite.Contracts;
using Twite.Storage;

namespace Twite.Messages;

/// <summary>What changed after a cursor: posts and deletions, in the order in which they became visible. Any thread may use it.</summary>
internal sealed class Changes(Database database, RecentMessages recent, HiddenAuthors hidden, CatchUp catchUp, Timeline timeline)
{
    private const string All = "SELECT change_id, message_id, author_id FROM deletions WHERE change_id < ?1 AND change_id > ?2";

    /// <summary>The changes after an id, oldest first.</summary>
    /// <param name="since">Exclusive; 0 asks only how far it goes.</param>
    /// <param name="authorIds">Whose; empty for everybody's.</param>
    /// <param name="limit">At most so many.</param>
    public ListChangesReply List(long since, IReadOnlyCollection<long> authorIds, int limit) => database.Read(connection =>
    {
        var upTo = catchUp.Run(connection);
        if (since == 0 || since >= upTo)
        {
            return new ListChangesReply { UpToId = Math.Max(since, upTo) };
        }
        var generation = recent.Current;
        var authors = timeline.Visible(authorIds);
        // One more than asked for tells whether there are more.
        var window = new Window(upTo + 1, since, OldestFirst: true, limit + 1);
        var posts = authorIds.Count == 0 ? PostsOfAll(connection, window) : [.. Timeline.FindIds(connection, generation, authors, window).Ids];
        var deletions = Deletions(connection, window, authorIds.Count == 0 ? null : authors);
        var all = posts.Select(id => new Change { Id = id }).Concat(deletions).OrderBy(c => c.Id).ToList();
        var reply = new ListChangesReply { More = all.Count > limit, UpToId = all.Count > limit ? all[limit - 1].Id : upTo };
        var page = all[..Math.Min(limit, all.Count)];
        var messages = new List<Message>();
        MessageRows.AddAll(connection, [.. page.Where(c => c.WhatCase == Change.WhatOneofCase.None).Select(c => c.Id)], messages);
        var posted = messages.Where(m => !hidden.Contains(m.AuthorId)).ToDictionary(m => m.Id);
        foreach (var change in page)
        {
            if (change.WhatCase == Change.WhatOneofCase.Deleted)
            {
                reply.Changes.Add(change);
            }
            else if (posted.TryGetValue(change.Id, out var message))
            {
                change.Posted = message;
                reply.Changes.Add(change);
            }
        }
        return reply;
    });

    private static List<long> PostsOfAll(StorageConnection connection, Window window) => connection.List(
        row => row.GetInt64(0), "SELECT id FROM messages WHERE id < ?1 AND id > ?2 ORDER BY id LIMIT ?3", window.Below, window.Above, window.Limit);

    // A week's deletions may be many: what the page has no room for, or is not of these authors, stays in the database.
    private static List<Change> Deletions(StorageConnection connection, Window window, long[]? authors) => authors is null
        ? connection.List(Deletion, All + " ORDER BY change_id LIMIT ?3", window.Below, window.Above, window.Limit)
        : connection.List(
            Deletion,
            connection.Pick(
                sqlite: All + " AND author_id IN (SELECT value FROM json_each(?4)) ORDER BY change_id LIMIT ?3",
                postgres: All + " AND author_id = ANY(?4) ORDER BY change_id LIMIT ?3"),
            window.Below, window.Above, window.Limit, connection.ToParameter(authors));

    private static Change Deletion(DbDataReader row) => new()
    {
        Id = row.GetInt64(0),
        Deleted = new DeletedMessage { MessageId = row.GetInt64(1), AuthorId = row.GetInt64(2) },
    };
}
