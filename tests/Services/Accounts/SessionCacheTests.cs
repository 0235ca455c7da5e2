using Twite.Accounts.Sessions;
using Twite.Contracts;

namespace Twite.Services.Accounts;

public sealed class SessionCacheTests
{
    [Fact]
    public void Finds_what_it_was_given()
    {
        var cache = new SessionCache(100);
        var (token, session) = Session(accountId: 1);
        cache.Add(token, session, asOfChange: 0);
        Assert.Same(session, cache.Find(token));
    }

    [Fact]
    public void Forgets_an_account_s_sessions_and_no_others()
    {
        var cache = new SessionCache(100);
        var (gone, first) = Session(accountId: 1);
        var (kept, second) = Session(accountId: 2);
        cache.Add(gone, first, 0);
        cache.Add(kept, second, 0);
        cache.Forget([1], upToChange: 1);
        Assert.Null(cache.Find(gone));
        Assert.NotNull(cache.Find(kept));
    }

    [Fact]
    public void Forgets_those_that_were_last_used_long_ago_too()
    {
        var cache = new SessionCache(4);
        var (token, session) = Session(accountId: 1);
        cache.Add(token, session, 0);
        Add(cache, 2);
        cache.Forget([1], upToChange: 1);
        Assert.Null(cache.Find(token));
    }

    [Fact]
    public void Does_not_take_what_was_read_before_a_change_it_knows()
    {
        var cache = new SessionCache(100);
        cache.Forget([], upToChange: 7);
        var (token, session) = Session(accountId: 1);
        cache.Add(token, session, asOfChange: 6);
        Assert.Null(cache.Find(token));
    }

    [Fact]
    public void Takes_what_was_read_after_it()
    {
        var cache = new SessionCache(100);
        cache.Forget([], upToChange: 7);
        var (token, session) = Session(accountId: 1);
        cache.Add(token, session, asOfChange: 7);
        Assert.NotNull(cache.Find(token));
    }

    [Fact]
    public void Is_bounded()
    {
        var cache = new SessionCache(100);
        Add(cache, 10_000);
        Assert.InRange(cache.Count, 50, 100);
    }

    [Fact]
    public void Keeps_what_is_used()
    {
        var cache = new SessionCache(100);
        var (token, session) = Session(accountId: 1);
        cache.Add(token, session, 0);
        for (var i = 0; i < 100; i++)
        {
            Add(cache, 30);
            Assert.NotNull(cache.Find(token));
        }
    }

    [Fact]
    public void Can_forget_everything()
    {
        var cache = new SessionCache(100);
        Add(cache, 60);
        cache.Forget(null, upToChange: 1);
        Assert.Equal(0, cache.Count);
    }

    private static void Add(SessionCache cache, int count)
    {
        for (var i = 0; i < count; i++)
        {
            var (token, session) = Session(accountId: 1_000 + i);
            cache.Add(token, session, 0);
        }
    }

    private static (TokenHash Token, VerifiedSession Session) Session(long accountId)
    {
        SessionToken.Create(out var hash);
        return (hash, new VerifiedSession(1, new Account { Id = accountId, Name = "ada" }, null, TimeSpan.FromDays(30)));
    }
}
