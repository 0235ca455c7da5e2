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

    /// <summary>Whether an account has a home audience.</summary>
    public bool HasHome(long accountId)
    {
        lock (_gate)
        {
            return _byAccount.ContainsKey(accountId);
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

    /// <summary>What a list of follows is true for that is read from now on.</summary>
    public FollowsVersion VersionOf(Audience audience)
    {
        lock (_gate)
        {
            return new FollowsVersion(audience.Revision, Mark);
        }
    }

    /// <summary>Takes a list of follows that was read for a version; false when it may be out of date by now.</summary>
    public bool TrySetFollows(Audience audience, IEnumerable<long> follows, FollowsVersion version)
    {
        lock (_gate)
        {
            if (audience.Revision != version.Revision)
            {
                return false;
            }
            if (audience.Members == 0)
            {
                return true;
            }
            SetAuthors(audience, [.. follows.Append(audience.AccountId!.Value).Distinct().Order()]);
            audience.Gains.TakeList(version.Mark);
            audience.IsLoaded = true;
            return true;
        }
    }

    /// <summary>Whom an audience gained after a number, up to another; null when they are more than are kept.</summary>
    public IReadOnlyList<AuthorGain>? GainsOf(Audience audience, long after, long upTo)
    {
        lock (_gate)
        {
            return audience.Gains.Take(after, upTo);
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
        var gains = audience.Gains.Count;
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
                if (audience.IsLoaded)
                {
                    audience.Gains.Gain(author, Mark);
                }
            }
        }
        foreach (var author in before)
        {
            if (_byAuthor.TryGetValue(author, out var listening) && listening.Remove(audience) && listening.Count == 0)
            {
                _byAuthor.Remove(author);
            }
            audience.Gains.Lose(author, Mark);
        }
        audience.Authors = authors;
        if (audience.Gains.Count > gains)
        {
            AnnounceGains(audience);
        }
    }

    // Whoever has no room for it is ended, and sees it when attached again.
    private void AnnounceGains(Audience audience)
    {
        for (var s = audience.Live.Count - 1; s >= 0; s--)
        {
            if (!audience.Live[s].AnnounceGains(Mark))
            {
                audience.Detach(audience.Live[s]);
            }
        }
    }
}

/// <summary>What a list of follows is true for: what was heard of before, and what was put out.</summary>
internal readonly record struct FollowsVersion(int Revision, long Mark);
