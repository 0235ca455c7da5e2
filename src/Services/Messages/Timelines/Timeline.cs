using System.Data.Common;
using Twite.Contracts;
using Twite.Storage;

namespace Twite.Messages;

/// <summary>The lists of messages: of some authors, of everybody, by search. Any thread may use it.</summary>
internal sealed class Timeline(Database database, RecentMessages recent, HiddenAuthors hidden, CatchUp catchUp, SearchIndex search)
{
    private const string All = "SELECT m.id, m.author_id, m.author_name, m.text FROM messages AS m WHERE m.id < ?1 AND m.id > ?2";

    /// <summary>The messages of some authors, newest first.</summary>
    public MessagesReply ListByAuthors(IEnumerable<long> authorIds, Window window, CancellationToken cancellationToken) => database.Read(connection =>
    {
        // In this order: what the index knows was committed before, so the database shows it.
        var upTo = catchUp.Run(connection);
        var generation = recent.Current;
        var authors = Visible(authorIds);
        return Reply(window.UpTo(upTo), upTo, (rest, _, into) =>
        {
            var best = FindIds(connection, generation, authors, rest);
            MessageRows.AddAll(connection, best.Ids, into);
            return best.IsFull ? best.Ids[^1] : null;
        }, cancellationToken);
    });

    /// <summary>Everybody's messages, newest first.</summary>
    public MessagesReply ListPublic(Window window, CancellationToken cancellationToken) => database.Read(connection =>
    {
        var upTo = catchUp.Run(connection);
        return Reply(window.UpTo(upTo), upTo, (rest, skipHidden, into) => AddRows(into, connection.Query(
            (rest.OldestFirst, skipHidden) switch
            {
                (true, false) => All + " ORDER BY m.id LIMIT ?3",
                (true, true) => All + HiddenAuthors.AreSkipped + " ORDER BY m.id LIMIT ?3",
                (false, false) => All + " ORDER BY m.id DESC LIMIT ?3",
                (false, true) => All + HiddenAuthors.AreSkipped + " ORDER BY m.id DESC LIMIT ?3",
            },
            rest.Below, rest.Above, rest.Limit), rest.Limit), cancellationToken);
    });

    /// <summary>The messages that a search finds, newest first.</summary>
    public MessagesReply Search(SearchQuery query, Window window, CancellationToken cancellationToken) => database.Read(connection =>
    {
        var upTo = catchUp.Run(connection);
        return Reply(window.UpTo(upTo), upTo, (rest, skipHidden, into) => AddRows(into, search.Find(connection, query, rest, skipHidden), rest.Limit), cancellationToken);
    });

    /// <summary>One message; null when it is gone or hidden.</summary>
    public Message? Find(long id) => database.Read(connection =>
    {
        catchUp.Run(connection);
        return MessageRows.Find(connection, id) is { } message && !hidden.Contains(message.AuthorId) ? message : null;
    });

    /// <summary>Some messages, newest first.</summary>
    public MessagesReply ListByIds(IEnumerable<long> ids) => database.Read(connection =>
    {
        var reply = new MessagesReply { UpToId = catchUp.Run(connection) };
        var messages = new List<Message>();
        MessageRows.AddAll(connection, [.. ids.Distinct().OrderDescending()], messages);
        reply.Messages.AddRange(messages.Where(m => !hidden.Contains(m.AuthorId)));
        return reply;
    });

    /// <summary>How many messages each author has; none for who is hidden.</summary>
    public CountByAuthorsReply Count(IEnumerable<long> authorIds) => database.Read(connection =>
    {
        // Hidden here when they are hidden in the lists, not when the database says so, which is a moment earlier.
        catchUp.Run(connection);
        long[] authors = [.. authorIds];
        var counts = new Dictionary<long, long>();
        connection.QueryEach<long>("SELECT messages FROM authors WHERE id = ?1", authors, (author, row) => counts[author] = row.GetInt64(0));
        return new CountByAuthorsReply { Counts = { authors.Select(id => hidden.Contains(id) ? 0 : counts.GetValueOrDefault(id)) } };
    });

    /// <summary>The authors who may be seen, ascending, each once.</summary>
    internal long[] Visible(IEnumerable<long> authorIds)
    {
        var sorted = authorIds.ToArray();
        Array.Sort(sorted);
        var count = 0;
        for (var i = 0; i < sorted.Length; i++)
        {
            if ((i == 0 || sorted[i] != sorted[i - 1]) && !hidden.Contains(sorted[i]))
            {
                sorted[count++] = sorted[i];
            }
        }
        return sorted[..count];
    }

    /// <summary>The ids of some authors' messages in a window: from memory as far as that reaches, from the database below.</summary>
    internal static BestIds FindIds(StorageConnection connection, RecentMessages.Generation generation, long[] authors, Window window)
    {
        var best = new BestIds(window.Limit, window.OldestFirst);
        if (authors.Length == 0)
        {
            return best;
        }
        var inMemory = window.Above >= generation.Floor - 1;
        if (inMemory || !window.OldestFirst)
        {
            foreach (var author in authors)
            {
                if (generation.Authors.TryGetValue(author, out var ids))
                {
                    ids.Offer(window, best);
                }
            }
        }
        if (!inMemory && !best.IsFull)
        {
            var stored = window.OldestFirst ? window : window with { Below = Math.Min(window.Below, generation.Floor) };
            StoredTimeline.Offer(connection, authors, stored, generation.Authors.Count, best);
        }
        return best;
    }

    // The delegate gives the last id it looked at, or null when there are no more. Reads until the page is full: what is hidden, or was deleted a moment ago, leaves room for more.
    // Whoever is hidden may have filled many pages: once one was met, the database passes them over.
    private MessagesReply Reply(Window window, long upTo, Func<Window, bool, List<Message>, long?> read, CancellationToken cancellationToken)
    {
        var messages = new List<Message>(window.Limit);
        var rest = window;
        var skipHidden = false;
        while (rest.Limit > 0)
        {
            var last = read(rest, skipHidden, messages);
            skipHidden |= messages.RemoveAll(m => hidden.Contains(m.AuthorId)) > 0;
            if (last is null)
            {
                break;
            }
            rest = rest.After(last.Value, window.Limit - messages.Count);
            cancellationToken.ThrowIfCancellationRequested();
        }
        if (window.OldestFirst)
        {
            messages.Reverse();
        }
        var reply = new MessagesReply { UpToId = upTo };
        reply.Messages.AddRange(messages);
        return reply;
    }

    /// <returns>The last id; null when there are no more.</returns>
    private static long? AddRows(List<Message> into, DbDataReader rows, int limit)
    {
        using (rows)
        {
            var before = into.Count;
            while (rows.Read())
            {
                into.Add(MessageRows.Map(rows));
            }
            return into.Count - before == limit ? into[^1].Id : null;
        }
    }
}
