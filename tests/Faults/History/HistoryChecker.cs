namespace Twite.Faults.History;

/// <summary>Judges a recorded history: nothing acknowledged is lost, nothing is doubled, nothing appears that nobody asked for, each author's
/// posts keep their order, and one reads one's own writes. It knows nothing of how the network works.</summary>
internal static class HistoryChecker
{
    /// <summary>Judges a history.</summary>
    public static Verdict Judge(RecordedHistory history)
    {
        if (history.Final is not { } final || !history.Posts.Any(p => p.Outcome == Outcome.Acknowledged))
        {
            return new Verdict(Judgement.Unknown, []);
        }
        List<Violation> violations =
        [
            .. Lost(history.Posts, final),
            .. Doubled(history.Posts, final),
            .. Unexpected(history.Posts, history.Reads.Append(final).SelectMany(r => r.Messages)),
            .. Altered(history.Posts, final),
            .. Unsorted(history.Reads.Append(final)),
            .. AuthorOrder(history.Posts, final),
            .. OwnWrites(history.Posts, history.Reads),
            .. Disappeared(history.Reads, final),
            .. history.Screens.SelectMany(s => ScreenChecker.Judge(s, final)),
        ];
        return new Verdict(violations.Count == 0 ? Judgement.Valid : Judgement.Invalid, violations);
    }

    private static IEnumerable<Violation> Lost(IReadOnlyList<PostOperation> posts, ReadOperation final)
    {
        var ids = final.Messages.Select(m => m.Id).ToHashSet();
        return posts.Where(p => p.Outcome == Outcome.Acknowledged && !p.Ids.Any(ids.Contains))
            .Select(p => new Violation("lost", $"{p.Author}'s \"{p.Text}\" was acknowledged as {string.Join(", ", p.Ids)} and is gone"));
    }

    private static IEnumerable<Violation> Doubled(IReadOnlyList<PostOperation> posts, ReadOperation final)
    {
        foreach (var same in final.Messages.GroupBy(m => m.Text).Where(g => g.Count() > 1))
        {
            yield return new Violation("doubled", $"\"{same.Key}\" is there {same.Count()} times: {string.Join(", ", same.Select(m => m.Id))}");
        }
        foreach (var post in posts.Where(p => p.Ids.Distinct().Count() > 1))
        {
            yield return new Violation("doubled", $"the key {post.Key} was acknowledged with different ids: {string.Join(", ", post.Ids.Distinct())}");
        }
    }

    private static IEnumerable<Violation> Unexpected(IReadOnlyList<PostOperation> posts, IEnumerable<SeenMessage> seen)
    {
        var byText = posts.ToLookup(p => p.Text);
        foreach (var message in seen.DistinctBy(m => (m.Id, m.Author, m.Text)))
        {
            var asked = byText[message.Text].ToList();
            if (!asked.Any(p => p.Author == message.Author))
            {
                yield return new Violation("unexpected", $"{message.Id} by {message.Author} says \"{message.Text}\", which {(asked.Count == 0 ? "nobody" : asked[0].Author)} asked for");
            }
            else if (asked.All(p => p.Outcome == Outcome.Refused))
            {
                yield return new Violation("unexpected", $"{message.Id} \"{message.Text}\" is there although it was refused");
            }
        }
    }

    private static IEnumerable<Violation> Altered(IReadOnlyList<PostOperation> posts, ReadOperation final)
    {
        var byId = final.Messages.ToLookup(m => m.Id);
        return from post in posts.Where(p => p.Outcome == Outcome.Acknowledged)
               from id in post.Ids.Distinct()
               from message in byId[id]
               where message.Text != post.Text || message.Author != post.Author
               select new Violation("altered", $"{id} was \"{post.Text}\" by {post.Author} and is now \"{message.Text}\" by {message.Author}");
    }

    private static IEnumerable<Violation> Unsorted(IEnumerable<ReadOperation> reads) =>
        reads.SelectMany(r => r.Messages.Zip(r.Messages.Skip(1)))
            .Where(pair => pair.First.Id <= pair.Second.Id)
            .Select(pair => new Violation("order", $"a timeline shows {pair.First.Id} above {pair.Second.Id}"));

    private static IEnumerable<Violation> AuthorOrder(IReadOnlyList<PostOperation> posts, ReadOperation final)
    {
        var ids = final.Messages.DistinctBy(m => m.Text).ToDictionary(m => m.Text, m => m.Id);
        foreach (var author in posts.GroupBy(p => p.Author))
        {
            // Of two posts, one of which was over before the other began.
            var stored = author.Where(p => ids.ContainsKey(p.Text) && p.Outcome == Outcome.Acknowledged).OrderBy(p => p.Invoked).ToList();
            foreach (var (earlier, later) in stored.Zip(stored.Skip(1)).Where(pair => pair.First.Ended < pair.Second.Invoked))
            {
                if (ids[earlier.Text] > ids[later.Text])
                {
                    yield return new Violation("order", $"{author.Key} posted \"{earlier.Text}\" before \"{later.Text}\", and the timeline has it the other way round");
                }
            }
        }
    }

    private static IEnumerable<Violation> OwnWrites(IReadOnlyList<PostOperation> posts, IReadOnlyList<ReadOperation> reads)
    {
        foreach (var read in reads)
        {
            var seen = read.Messages.Select(m => m.Id).ToHashSet();
            foreach (var post in posts.Where(p => p.Outcome == Outcome.Acknowledged && p.Ended < read.Invoked && (read.Author is null || p.Author == read.Author)))
            {
                if (post.Ids.All(id => id > read.After && !seen.Contains(id)))
                {
                    yield return new Violation("own-write", $"{post.Author} had posted \"{post.Text}\" and did not find it when reading afterwards");
                }
            }
        }
    }

    // What was once readable was committed: nobody deletes in these histories.
    private static IEnumerable<Violation> Disappeared(IReadOnlyList<ReadOperation> reads, ReadOperation final)
    {
        var left = final.Messages.Select(m => m.Id).ToHashSet();
        return reads.SelectMany(r => r.Messages).Where(m => !left.Contains(m.Id)).DistinctBy(m => m.Id)
            .Select(m => new Violation("lost", $"{m.Id} \"{m.Text}\" was read once and is gone"));
    }
}
