using System.Collections.Frozen;

namespace Twite.Accounts.Names;

/// <summary>Names that nobody may take: those that would clash with a page of the front end, now or later, and those that
/// would pass for the people who run the network.</summary>
internal static class ReservedNames
{
    private static readonly FrozenSet<string> Pages = new[]
    {
        "about", "account", "accounts", "api", "app", "apps", "assets", "atom", "auth", "blog", "bookmarks", "contact", "css", "dashboard",
        "delete", "developer", "developers", "discover", "docs", "download", "edit", "error", "explore", "export", "faq", "favicon", "feed",
        "feeds", "follow", "followers", "following", "hashtag", "healthz", "help", "home", "images", "img", "import", "index", "invite", "jobs",
        "js", "legal", "lists", "live", "local", "log_in", "log_out", "login", "logout", "media", "mentions", "message", "messages", "metrics",
        "name", "new", "notifications", "oauth", "oembed", "openapi", "password", "people", "policy", "post", "posts", "press", "privacy",
        "profile", "public", "readyz", "register", "robots", "rss", "rules", "scalar", "search", "session", "sessions", "settings", "share",
        "sign_in", "sign_out", "sign_up", "signin", "signout", "signup", "sitemap", "static", "status", "statuses", "stream", "streaming",
        "tag", "tags", "terms", "timeline", "timelines", "token", "tokens", "tos", "trending", "trends", "tweet", "unfollow", "user", "users",
        "verify", "web", "well_known", "welcome", "www",
    }.ToFrozenSet(StringComparer.Ordinal);

    private static readonly FrozenSet<string> People = new[]
    {
        "abuse", "admin", "administration", "administrator", "administrators", "admins", "anonymous", "anywire", "deleted", "everybody",
        "everyone", "host", "hostmaster", "mod", "moderation", "moderator", "moderators", "mods", "nobody", "noreply", "no_reply", "null",
        "official", "operator", "operators", "owner", "postmaster", "root", "security", "service", "staff", "superuser", "support", "sysadmin",
        "system", "team", "twite", "twite_admin", "twite_official", "twite_security", "twite_staff", "twite_support", "twite_team", "undefined",
        "unknown", "verified", "webmaster",
    }.ToFrozenSet(StringComparer.Ordinal);

    /// <summary>Whether nobody may take the name. One of underscores only is nobody's either: people cannot tell such names apart.</summary>
    public static bool Contains(AccountName name)
    {
        // adm_in, _admin_ and admin__ pass for admin as well as admin does.
        var bare = name.Key.Replace("_", "", StringComparison.Ordinal);
        return bare.Length == 0 || Pages.Contains(name.Key) || People.Contains(name.Key) || People.Contains(bare);
    }
}
