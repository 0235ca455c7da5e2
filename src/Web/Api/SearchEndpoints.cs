using Twite.Contracts;
using Twite.Web.Api.Entities;
using Twite.Web.Text;

namespace Twite.Web.Api;

/// <summary>Finding people, messages and tags.</summary>
internal static class SearchEndpoints
{
    private const int MaxRead = 80;

    public static async Task SearchAsync(ApiCall call)
    {
        var query = (call.Query("q") ?? "").Trim();
        var type = call.Query("type") ?? "";
        if (type is not ("" or "accounts" or "statuses" or "hashtags"))
        {
            throw ApiException.Unprocessable("type must be accounts, statuses or hashtags.");
        }
        var page = call.ReadPage();
        var (offset, limit) = (call.Number("offset", 0, 0, int.MaxValue), page.Limit);
        page.Limit = (int)Math.Min((long)offset + limit, MaxRead);
        var word = query.TrimStart('#');

        var accounts = type is "" or "accounts" ? AccountsAsync(call, query, page.Limit) : Task.FromResult<IReadOnlyList<Account>>([]);
        var messages = type is "accounts" || query.Length == 0 ? Task.FromResult(new MessagesReply()) : call.Clients.Messages.SearchAsync(
            new SearchRequest { Query = type == "hashtags" ? "#" + word : query, Page = page }, cancellationToken: call.Aborted).ResponseAsync;
        await Task.WhenAll(accounts, messages);

        // There is no list of all tags: those of the messages found that begin with what was typed.
        var tags = type == "statuses" || word.Length == 0 ? [] : (await messages).Messages.SelectMany(m => MessageText.Tags(m.Text))
            .Where(t => t.StartsWith(word, StringComparison.OrdinalIgnoreCase)).Distinct();
        var found = type == "hashtags" ? [] : (await messages).Messages.Skip(offset).Take(limit);
        await call.WriteAsync(
            await call.Entities.FoundAsync(
                [.. (await accounts).Skip(offset).Take(limit)],
                [.. found],
                [.. tags.Skip(offset).Take(limit).Select(t => new TagEntity(t, call.Links.Tag(t)))],
                call.Aborted),
            ApiJson.Plain.SearchEntity);
    }

    public static async Task SearchAccountsAsync(ApiCall call)
    {
        var (offset, limit) = (call.Number("offset", 0, 0, int.MaxValue), call.Number("limit", 40, 1, 80));
        var accounts = await AccountsAsync(call, (call.Query("q") ?? "").Trim(), (int)Math.Min((long)offset + limit, MaxRead));
        var found = await call.Entities.FoundAsync([.. accounts.Skip(offset).Take(limit)], [], [], call.Aborted);
        await call.WriteAsync(found.Accounts, ApiJson.Plain.IReadOnlyListAccountEntity);
    }

    private static async Task<IReadOnlyList<Account>> AccountsAsync(ApiCall call, string query, int limit)
    {
        var typed = query.TrimStart('@');
        return typed.Length == 0 ? [] : (await call.Clients.Accounts.SearchAccountsAsync(
            new SearchAccountsRequest { Query = typed, Limit = limit }, cancellationToken: call.Aborted)).Accounts;
    }
}
