using Twite.Storage;

namespace Twite.Messages;

/// <summary>Writes the full-text index. It happens once before each commit, because the index flushes what it has gathered at every
/// savepoint.</summary>
internal static class SearchIndex
{
    public static void Add(WriteSession session, long id, string authorName, string text)
    {
        var tags = Hashtags.Of(text);
        session.BeforeCommit(c => c.Run(
            "INSERT INTO messages_search (rowid, text, tags, author) VALUES (?1, ?2, ?3, ?4)", id, text, tags, authorName));
    }

    public static void Remove(WriteSession session, long id, string authorName, string text)
    {
        var tags = Hashtags.Of(text);
        // The index holds no texts: it must be told which words to forget.
        session.BeforeCommit(c => c.Run(
            "INSERT INTO messages_search (messages_search, rowid, text, tags, author) VALUES ('delete', ?1, ?2, ?3, ?4)", id, text, tags, authorName));
    }
}
