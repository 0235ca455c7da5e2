using System.Collections.Immutable;
using Twite.Contracts;
using Twite.Storage;

namespace Twite.Messages;

/// <summary>The authors whose messages nobody may see: suspended or deleted. Changed as <see cref="RecentMessages"/> is, read by any
/// thread.</summary>
internal sealed class HiddenAuthors
{
    private volatile ImmutableHashSet<long> _ids;

    public HiddenAuthors(IEnumerable<long> ids) => _ids = [.. ids];

    public bool Contains(long authorId) => _ids.Contains(authorId);

    public void Set(long authorId, AccountState state) =>
        _ids = state == AccountState.Active ? _ids.Remove(authorId) : _ids.Add(authorId);

    public static HiddenAuthors Load(StorageConnection connection) =>
        new(connection.List(row => row.GetInt64(0), "SELECT id FROM authors WHERE state <> 1"));
}
