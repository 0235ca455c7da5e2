using System.Data.Common;
using System.Text;
using Twite.Storage;

namespace Twite.Messages;

/// <summary>PostgreSQL's: a tsvector per message under a GIN index. The words are cut here, so that both databases find alike and no dictionary of
/// the server has a say.</summary>
internal sealed class TsVectorIndex : SearchIndex
{
    // Far enough from the text's words that no phrase goes from one field to the next.
    private const int TagsFrom = 5_000;
    private const int AuthorFrom = 10_000;

    private const string FoundOldest = """
        SELECT m.id, m.author_id, m.author_name, m.text FROM messages AS m JOIN (
          SELECT id FROM messages_search WHERE words @@ CAST(?4 AS tsquery) AND id < ?1 AND id > ?2 ORDER BY id LIMIT ?3) AS s ON m.id = s.id
        ORDER BY m.id
        """;

    private const string FoundNewest = """
        SELECT m.id, m.author_id, m.author_name, m.text FROM messages AS m JOIN (
          SELECT id FROM messages_search WHERE words @@ CAST(?4 AS tsquery) AND id < ?1 AND id > ?2 ORDER BY id DESC LIMIT ?3) AS s ON m.id = s.id
        ORDER BY m.id DESC
        """;

    private const string Found = """
        SELECT m.id, m.author_id, m.author_name, m.text FROM messages_search AS s JOIN messages AS m ON m.id = s.id
        WHERE s.words @@ CAST(?4 AS tsquery) AND s.id < ?1 AND s.id > ?2
        """;

    public override void Add(WriteSession session, long id, string authorName, string text)
    {
        var words = ToVector(authorName, text);
        session.BeforeCommit(c => c.Send("INSERT INTO messages_search (id, words) VALUES (?1, CAST(?2 AS tsvector))", id, words));
    }

    public override void Remove(WriteSession session, long id, string authorName, string text) =>
        session.BeforeCommit(c => c.Send("DELETE FROM messages_search WHERE id = ?1", id));

    public override DbDataReader Find(StorageConnection connection, SearchQuery query, Window window, bool skipHidden)
    {
        // Whether the words or the ids are better gone through depends on how common the words are: planned each time.
        connection.Run("SET LOCAL plan_cache_mode = force_custom_plan");
        return connection.Query(
            (window.OldestFirst, skipHidden) switch
            {
                (true, false) => FoundOldest,
                (true, true) => Found + HiddenAuthors.AreSkipped + " ORDER BY s.id LIMIT ?3",
                (false, false) => FoundNewest,
                (false, true) => Found + HiddenAuthors.AreSkipped + " ORDER BY s.id DESC LIMIT ?3",
            },
            window.Below, window.Above, window.Limit, ToQuery(query));
    }

    /// <summary>The words of a message with their places, as a literal: each in quotes, which no word contains.</summary>
    internal static string ToVector(string authorName, string text)
    {
        var vector = new StringBuilder();
        Append(vector, SearchWords.Of(text), 1, 'A');
        Append(vector, SearchWords.Of(Hashtags.Of(text)), TagsFrom, 'B');
        Append(vector, SearchWords.Of(authorName), AuthorFrom, 'C');
        return vector.ToString();
    }

    // A term of several words is a phrase.
    private static string ToQuery(SearchQuery query) => string.Join(" & ", query.Terms.Select(term =>
        $"({string.Join(" <-> ", SearchWords.Of(term.Words).Select(word => $"'{word}':{WeightOf(term.In)}"))})"));

    private static char WeightOf(SearchField field) => field switch
    {
        SearchField.Tags => 'B',
        SearchField.Author => 'C',
        _ => 'A',
    };

    private static void Append(StringBuilder vector, List<string> words, int place, char weight)
    {
        foreach (var word in words)
        {
            vector.Append('\'').Append(word).Append("':").Append(place++).Append(weight).Append(' ');
        }
    }
}
