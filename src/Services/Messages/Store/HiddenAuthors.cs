using System.Collections.Immutable;
using Twite.Contracts;
using Twite.Storage;

namespace Twite.Messages;

/// <summary>The authors whose messages nobody may see: suspended or deleted. Changed by the writer thread, read by any.</summary>
internal sealed class HiddenAuthors
{
    private volatile ImmutableHashSet<long> _ids;

    public HiddenAuthors(IEnumerable<long> ids) => _ids = [.. ids];

    public bool Contains(long authorId) => _ids.Contains(authorId);

    public void Set(long authorId, AccountState state) =>
        _ids = state == AccountState.Active ? _ids.Remove(authorId) : _ids.Add(authorId);

    public static HiddenAuthors Load(StorageConnection connection)
    {
        using var reader = connection.Statement("SELECT id FROM authors WHERE state <> 1").ExecuteReader();
        var ids = new List<long>();
        while (reader.Read())
        {
            ids.Add(reader.GetInt64(0));
        }
        return new HiddenAuthors(ids);
    }
}
