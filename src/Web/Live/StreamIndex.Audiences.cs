using System.Collections.Immutable;

namespace Twite.Web.Live;

/// <content>Which audiences there are, and whom they listen to.</content>
internal sealed partial class StreamIndex
{
    /// <summary>The home audiences, of one account or all.</summary>
    public ImmutableArray<Audience> HomesOf(long? accountId = null)
    {
        lock (_gate)
        {
            return accountId is { } id
                ? _byAccount.TryGetValue(id, out var homes) ? [.. homes] : []
                : [.. _byAccount.Values.SelectMany(homes => homes)];
        }
    }

    /// <summary>A follow or an unfollow was heard of.</summary>
    public void ChangeFollow(Audience audience, long authorId, bool follows)
    {
        lock (_gate)
        {
            audience.Revision++;
            if (audience.Members > 0 && audience.IsLoaded && authorId != audience.AccountId)
            {
                SetAuthors(audience, follows
                    ? [.. audience.Authors.Append(authorId).Distinct().Order()]
                    : [.. audience.Authors.Where(a => a != authorId)]);
            }
        }
    }

    /// <summary>The revision to load follows for.</summary>
    public int RevisionOf(Audience audience)
    {
        lock (_gate)
        {
            return audience.Revision;
        }
    }

    /// <summary>Takes a list of follows that was read at a revision; false when it may be out of date by now.</summary>
    public bool TrySetFollows(Audience audience, IEnumerable<long> follows, int revision)
    {
        lock (_gate)
        {
            if (audience.Revision != revision)
            {
                return false;
            }
            if (audience.Members == 0)
            {
                return true;
            }
            SetAuthors(audience, [.. follows.Append(audience.AccountId!.Value).Distinct().Order()]);
            audience.IsLoaded = true;
            return true;
        }
    }

    private IEnumerable<Audience> AudiencesOf(StreamEvent e) => e switch
    {
        StreamEvent.Posted posted => Listening(posted.Message.AuthorId),
        StreamEvent.Deleted deleted => Listening(deleted.AuthorId),
        StreamEvent.Notified notified => _byAccount.TryGetValue(notified.AccountId, out var homes) ? homes : [],
        _ => [],
    };

    private IEnumerable<Audience> Listening(long authorId) =>
        _byAuthor.TryGetValue(authorId, out var homes) ? _public.Concat(homes) : _public;

    private void Add(Audience audience)
    {
        _audiences.Add((audience.AccountId, audience.Renderer), audience);
        if (audience.AccountId is not { } accountId)
        {
            _public.Add(audience);
            return;
        }
        if (!_byAccount.TryGetValue(accountId, out var homes))
        {
            _byAccount[accountId] = homes = [];
        }
        homes.Add(audience);
    }

    private void Remove(Audience audience)
    {
        _audiences.Remove((audience.AccountId, audience.Renderer));
        _public.Remove(audience);
        SetAuthors(audience, []);
        if (audience.AccountId is { } accountId && _byAccount.TryGetValue(accountId, out var homes))
        {
            homes.Remove(audience);
            if (homes.Count == 0)
            {
                _byAccount.Remove(accountId);
            }
        }
    }

    private void SetAuthors(Audience audience, long[] authors)
    {
        var before = audience.Authors.ToHashSet();
        foreach (var author in authors)
        {
            if (!before.Remove(author))
            {
                if (!_byAuthor.TryGetValue(author, out var listening))
                {
                    _byAuthor[author] = listening = [];
                }
                listening.Add(audience);
            }
        }
        foreach (var author in before)
        {
            if (_byAuthor.TryGetValue(author, out var listening) && listening.Remove(audience) && listening.Count == 0)
            {
                _byAuthor.Remove(author);
            }
        }
        audience.Authors = authors;
    }
}
