using System.Data.Common;
using Twite.Storage;

namespace Twite.Messages;

/// <summary>SQLite's: FTS5 without the texts, words cut by its unicode61.</summary>
internal sealed class Fts5Index : SearchIndex
{
    private const string Found = """
        SELECT m.id, m.author_id, m.author_name, m.text FROM messages_search AS s CROSS JOIN messages AS m ON m.id = s.rowid
        WHERE messages_search MATCH ?4 AND s.rowid < ?1 AND s.rowid > ?2
        """;

    public override void Add(WriteSession session, long id, string authorName, string text)
    {
        var tags = Hashtags.Of(text);
        session.BeforeCommit(c => c.Run(
            "INSERT INTO messages_search (rowid, text, tags, author) VALUES (?1, ?2, ?3, ?4)", id, text, tags, authorName));
    }

    public override void Remove(WriteSession session, long id, string authorName, string text)
    {
        var tags = Hashtags.Of(text);
        // The index holds no texts: it must be told which words to forget.
        session.BeforeCommit(c => c.Run(
            "INSERT INTO messages_search (messages_search, rowid, text, tags, author) VALUES ('delete', ?1, ?2, ?3, ?4)", id, text, tags, authorName));
    }

    public override DbDataReader Find(StorageConnection connection, SearchQuery query, Window window, bool skipHidden) => connection.Query(
        (window.OldestFirst, skipHidden) switch
        {
            (true, false) => Found + " ORDER BY s.rowid LIMIT ?3",
            (true, true) => Found + HiddenAuthors.AreSkipped + " ORDER BY s.rowid LIMIT ?3",
            (false, false) => Found + " ORDER BY s.rowid DESC LIMIT ?3",
            (false, true) => Found + HiddenAuthors.AreSkipped + " ORDER BY s.rowid DESC LIMIT ?3",
        },
        window.Below, window.Above, window.Limit, ToExpression(query));

    private static string ToExpression(SearchQuery query) => string.Join(" AND ", query.Terms.Select(term =>
        $"{(term.In switch { SearchField.Tags => "tags", SearchField.Author => "author", _ => "text" })} : \"{term.Words.Replace('"', ' ')}\""));
}
