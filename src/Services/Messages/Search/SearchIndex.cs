using System.Data.Common;
using Twite.Storage;

namespace Twite.Messages;

/// <summary>The full-text index. It is written once before each commit, for all messages of the group: FTS5 flushes what it has gathered at every
/// savepoint, and a server is told all of it in one go.</summary>
internal abstract class SearchIndex
{
    /// <summary>The kind that a database has.</summary>
    public static SearchIndex Of(Database database) => database.IsShared ? new TsVectorIndex() : new Fts5Index();

    /// <summary>A message can be found from now on.</summary>
    public abstract void Add(WriteSession session, long id, string authorName, string text);

    /// <summary>A message cannot be found any more. What it said must be told again.</summary>
    public abstract void Remove(WriteSession session, long id, string authorName, string text);

    /// <summary>The messages of a window that a search finds: id, author_id, author_name, text, in the order of reading.</summary>
    /// <param name="connection">Where to ask.</param>
    /// <param name="query">What for.</param>
    /// <param name="window">Which of them.</param>
    /// <param name="skipHidden">Whether those of hidden authors are passed over on the way, however many there are; costs a look at each author.</param>
    public abstract DbDataReader Find(StorageConnection connection, SearchQuery query, Window window, bool skipHidden);
}
