using System.Security.Cryptography;
using System.Text.Json;
using Twite.Contracts;
using Twite.Storage;

namespace Twite.Seeding;

/// <summary>Remembers in the data directory how many messages of which seeds are stored. The services know a message that comes again for eight
/// days only; a seeding may be repeated later than that. What was stored but not yet written down is known by its key.</summary>
internal sealed class SeedJournal
{
    private readonly string _path;
    private readonly Dictionary<string, long> _stored;

    private SeedJournal(string path, Dictionary<string, long> stored) => (_path, _stored) = (path, stored);

    /// <summary>Reads the journal of a data directory; a new one has an empty one.</summary>
    /// <exception cref="StorageException">It is damaged.</exception>
    public static SeedJournal Open(string dataDirectory)
    {
        var path = Path.Combine(dataDirectory, "seeds.json");
        if (!File.Exists(path))
        {
            return new SeedJournal(path, []);
        }
        try
        {
            return new SeedJournal(path, JsonSerializer.Deserialize<Dictionary<string, long>>(File.ReadAllText(path)) ?? []);
        }
        catch (JsonException error)
        {
            throw new StorageException(
                StorageFailure.Corrupt, $"{path} is damaged. Remove it if no messages were ever seeded here; with it gone they would be stored again.", error);
        }
    }

    /// <summary>Names a seed by what its files say, whatever they are called.</summary>
    public static async Task<string> IdentifyAsync(IEnumerable<string> files, CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var file in files)
        {
            await using var content = File.OpenRead(file);
            hash.AppendData(await SHA256.HashDataAsync(content, cancellationToken));
        }
        return "files-" + Convert.ToHexStringLower(hash.GetHashAndReset().AsSpan(0, 16));
    }

    /// <summary>Forgets what it says when it is another network's: that one's files were removed, or its server is another one.</summary>
    public async Task FitAsync(MessagesService.MessagesServiceClient messages, CancellationToken cancellationToken)
    {
        var newest = await messages.ListPublicAsync(new ListPublicRequest { Page = new Page { Limit = 1 } }, cancellationToken: cancellationToken);
        if (newest.Messages.Count == 0)
        {
            _stored.Clear();
        }
    }

    /// <summary>Up to which of its messages a seed is stored; 0 when none is.</summary>
    public long StoredOf(string seed) => _stored.GetValueOrDefault(seed);

    /// <summary>Writes down that a seed is stored up to a message.</summary>
    public void Advance(string seed, long number)
    {
        _stored[seed] = number;
        File.WriteAllText(_path + ".new", JsonSerializer.Serialize(_stored));
        File.Move(_path + ".new", _path, overwrite: true);
    }
}
