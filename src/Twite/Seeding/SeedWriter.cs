using Grpc.Core;
using Twite.Contracts;

namespace Twite.Seeding;

/// <summary>What a seeding did. Mutable while it runs; only its writer changes it.</summary>
internal sealed class SeedCounts
{
    /// <summary>People named, and how many of them were new.</summary>
    public long People { get; set; }

    /// <inheritdoc cref="People"/>
    public long NewPeople { get; set; }

    /// <summary>Follows given, and how many of them were new.</summary>
    public long Follows { get; set; }

    /// <inheritdoc cref="Follows"/>
    public long NewFollows { get; set; }

    /// <summary>Messages given, and how many of them were new.</summary>
    public long Messages { get; set; }

    /// <inheritdoc cref="Messages"/>
    public long NewMessages { get; set; }

    /// <summary>Lines that would have made somebody follow themselves, left out.</summary>
    public long SelfFollows { get; set; }

    /// <summary>Names whose accounts were deleted, and which nobody gets again.</summary>
    public long DeletedNames { get; set; }
}

/// <summary>Hands people, follows and messages to the services in batches. Doing the same again changes nothing, so a seeding that was cut
/// short is simply run again. One thread at a time.</summary>
internal sealed class SeedWriter(
    AccountsService.AccountsServiceClient accounts,
    FollowsService.FollowsServiceClient follows,
    MessagesService.MessagesServiceClient messages,
    SeedJournal journal,
    string seed)
{
    private const int PeoplePerCall = 500;
    private const int FollowsPerCall = 5_000;
    private const int MessagesPerCall = 2_000;

    private readonly ImportFollowsRequest _follows = new();
    private readonly ImportMessagesRequest _messages = new();
    private readonly List<long> _lines = [];

    /// <summary>What has been done so far.</summary>
    public SeedCounts Counts { get; } = new();

    /// <summary>Up to which message an earlier run has stored them: those need not be posted again.</summary>
    public long StoredMessages { get; } = journal.StoredOf(seed);

    /// <summary>Creates people that do not exist yet.</summary>
    /// <returns>Their ids, in order; 0 for a name whose account was deleted.</returns>
    public async Task<IReadOnlyList<long>> AddPeopleAsync(IEnumerable<ImportedAccount> people, CancellationToken cancellationToken)
    {
        var ids = new List<long>();
        foreach (var batch in people.Chunk(PeoplePerCall))
        {
            var reply = await accounts.ImportAccountsAsync(new ImportAccountsRequest { Accounts = { batch } }, cancellationToken: cancellationToken);
            ids.AddRange(reply.Ids);
            var deleted = reply.Ids.Count(id => id == 0);
            Counts.DeletedNames += deleted;
            Counts.People += batch.Length - deleted;
            Counts.NewPeople += reply.Created;
        }
        return ids;
    }

    /// <summary>Makes one follow another, if both are somebody.</summary>
    public ValueTask FollowAsync(long follower, long followee, CancellationToken cancellationToken)
    {
        if (follower == 0 || followee == 0)
        {
            return default;
        }
        _follows.Follows.Add(new ImportedFollow { FollowerId = follower, FolloweeId = followee });
        return _follows.Follows.Count < FollowsPerCall ? default : new ValueTask(FlushFollowsAsync(cancellationToken));
    }

    /// <summary>Stores a message, if its author is somebody.</summary>
    /// <param name="author">Whose; 0 is nobody.</param>
    /// <param name="authorName">The author's name.</param>
    /// <param name="text">What it says.</param>
    /// <param name="line">Which message of the seed it is; they come in order.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <exception cref="RefusedMessageException">The service refused one of those stored so far.</exception>
    public ValueTask PostAsync(long author, string authorName, string text, long line, CancellationToken cancellationToken)
    {
        if (author == 0)
        {
            return default;
        }
        if (line <= StoredMessages)
        {
            Counts.Messages++;
            return default;
        }
        _messages.Messages.Add(new ImportedMessage { AuthorId = author, AuthorName = authorName, Text = text, IdempotencyKey = $"{seed}-{line}" });
        _lines.Add(line);
        return _lines.Count < MessagesPerCall ? default : new ValueTask(FlushMessagesAsync(cancellationToken));
    }

    /// <summary>Hands over what is left.</summary>
    public async Task FlushAsync(CancellationToken cancellationToken)
    {
        await FlushFollowsAsync(cancellationToken);
        await FlushMessagesAsync(cancellationToken);
    }

    private async Task FlushFollowsAsync(CancellationToken cancellationToken)
    {
        if (_follows.Follows.Count == 0)
        {
            return;
        }
        var reply = await follows.ImportFollowsAsync(_follows.Clone(), cancellationToken: cancellationToken);
        Counts.Follows += _follows.Follows.Count;
        Counts.NewFollows += reply.Created;
        _follows.Follows.Clear();
    }

    private async Task FlushMessagesAsync(CancellationToken cancellationToken)
    {
        if (_lines.Count == 0)
        {
            return;
        }
        try
        {
            var reply = await messages.ImportMessagesAsync(_messages.Clone(), cancellationToken: cancellationToken);
            Counts.Messages += _lines.Count;
            Counts.NewMessages += reply.Created;
            journal.Advance(seed, _lines[^1]);
        }
        catch (RpcException error) when (error.StatusCode == StatusCode.InvalidArgument)
        {
            throw RefusedMessageException.From(error, _lines);
        }
        _messages.Messages.Clear();
        _lines.Clear();
    }
}
