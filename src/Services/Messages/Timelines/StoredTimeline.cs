using Twite.Storage;

namespace Twite.Messages;

/// <summary>Finds the newest (or oldest) messages of some authors in the database, for what is no longer in memory. Never a scan: one seek per
/// author, or a bounded stretch of the messages where so many authors are asked for that it is likely to hold enough.</summary>
internal static class StoredTimeline
{
    // Reading a row on the way costs about a third of seeking an author's newest.
    private const int RowsPerSeek = 3;

    /// <summary>Offers the messages of a window.</summary>
    /// <param name="connection">Where to.</param>
    /// <param name="authors">Whose: ascending, each once.</param>
    /// <param name="window">Which.</param>
    /// <param name="active">About how many authors post: how likely it is that a message is of one of them.</param>
    /// <param name="best">Where they go.</param>
    public static void Offer(StorageConnection connection, long[] authors, Window window, int active, BestIds best)
    {
        var expectedRows = (long)best.Missing * Math.Max(active, authors.Length) / authors.Length;
        if (expectedRows < (long)authors.Length * RowsPerSeek)
        {
            var end = OfferStretch(connection, authors, window, (int)(2 * expectedRows) + 100, best);
            if (end is null || best.IsFull)
            {
                return;
            }
            window = window.After(end.Value, window.Limit);
        }
        OfferByAuthor(connection, authors, window, best);
    }

    /// <returns>The last id that was looked at; null when the window is exhausted.</returns>
    private static long? OfferStretch(StorageConnection connection, long[] authors, Window window, int rows, BestIds best)
    {
        using var reader = connection.Query(
            window.OldestFirst
                ? "SELECT id, author_id FROM messages WHERE id < ?1 AND id > ?2 ORDER BY id LIMIT ?3"
                : "SELECT id, author_id FROM messages WHERE id < ?1 AND id > ?2 ORDER BY id DESC LIMIT ?3",
            window.Below, window.Above, rows);
        var last = 0L;
        for (var i = 0; reader.Read(); i++)
        {
            last = reader.GetInt64(0);
            if (authors.AsSpan().BinarySearch(reader.GetInt64(1)) >= 0 && !best.TryAdd(last))
            {
                return last;
            }
            if (i == rows - 1)
            {
                return last;
            }
        }
        return null;
    }

    private static void OfferByAuthor(StorageConnection connection, long[] authors, Window window, BestIds best)
    {
        var heads = FindHeads(connection, authors, window);
        heads.Sort(window.OldestFirst ? static (a, b) => a.Id.CompareTo(b.Id) : static (a, b) => b.Id.CompareTo(a.Id));
        // The heads alone set the bar, so that few more of each author need to be read.
        foreach (var (id, _) in heads)
        {
            if (!best.TryAdd(id))
            {
                break;
            }
        }
        foreach (var (id, author) in heads)
        {
            if (best.Bar is { } bar && (window.OldestFirst ? id > bar : id < bar))
            {
                return;
            }
            OfferAuthor(connection, author, window.After(id, window.Limit), best);
        }
    }

    private static List<(long Id, long AuthorId)> FindHeads(StorageConnection connection, long[] authors, Window window)
    {
        using var reader = connection.Query(
            window.OldestFirst
                ? connection.Pick(
                    sqlite: """
                        SELECT a.value, (SELECT id FROM messages WHERE author_id = a.value AND id < ?2 AND id > ?3 ORDER BY id LIMIT 1)
                        FROM json_each(?1) AS a
                        """,
                    postgres: """
                        SELECT a.value, (SELECT id FROM messages WHERE author_id = a.value AND id < ?2 AND id > ?3 ORDER BY id LIMIT 1)
                        FROM unnest(?1) AS a (value)
                        """)
                : connection.Pick(
                    sqlite: """
                        SELECT a.value, (SELECT id FROM messages WHERE author_id = a.value AND id < ?2 AND id > ?3 ORDER BY id DESC LIMIT 1)
                        FROM json_each(?1) AS a
                        """,
                    postgres: """
                        SELECT a.value, (SELECT id FROM messages WHERE author_id = a.value AND id < ?2 AND id > ?3 ORDER BY id DESC LIMIT 1)
                        FROM unnest(?1) AS a (value)
                        """),
            connection.ToParameter(authors), window.Below, window.Above);
        var heads = new List<(long, long)>(authors.Length);
        while (reader.Read())
        {
            if (!reader.IsDBNull(1))
            {
                heads.Add((reader.GetInt64(1), reader.GetInt64(0)));
            }
        }
        return heads;
    }

    private static void OfferAuthor(StorageConnection connection, long author, Window window, BestIds best)
    {
        var (below, above) = best.Bar is not { } bar ? (window.Below, window.Above)
            : window.OldestFirst ? (Math.Min(window.Below, bar), window.Above) : (window.Below, Math.Max(window.Above, bar));
        using var reader = connection.Query(
            window.OldestFirst
                ? "SELECT id FROM messages WHERE author_id = ?1 AND id < ?2 AND id > ?3 ORDER BY id LIMIT ?4"
                : "SELECT id FROM messages WHERE author_id = ?1 AND id < ?2 AND id > ?3 ORDER BY id DESC LIMIT ?4",
            author, below, above, window.Limit);
        while (reader.Read() && best.TryAdd(reader.GetInt64(0)))
        {
        }
    }
}
