using System.Collections.Immutable;
using Twite.Contracts;
using Twite.Storage;

namespace Twite.Messages;

/// <summary>The authors whose messages nobody may see: suspended or deleted. Changed as <see cref="RecentMessages"/> is, read by any
/// thread.</summary>
internal sealed class HiddenAuthors
{
    /// <summary>Goes on after a query's conditions on messages called m: only of authors who may be seen. The database knows of a change a moment
    /// before the memory does, whose word is the last.</summary>
    public const string AreSkipped = " AND NOT EXISTS (SELECT 1 FROM authors AS a WHERE a.id = m.author_id AND a.state <> 1)";

    private volatile ImmutableHashSet<long> _ids;

    public HiddenAuthors(IEnumerable<long> ids) => _ids = [.. ids];

    public bool Contains(long authorId) => _ids.Contains(authorId);

    public void Set(long authorId, AccountState state) =>
        _ids = state == AccountState.Active ? _ids.Remove(authorId) : _ids.Add(authorId);

    public static HiddenAuthors Load(StorageConnection connection) =>
        new(connection.List(row => row.GetInt64(0), "SELECT id FROM authors WHERE state <> 1"));
}
