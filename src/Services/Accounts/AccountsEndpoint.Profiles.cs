using Anywire;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Twite.Accounts.Names;
using Twite.Accounts.Passwords;
using Twite.Accounts.Profiles;
using Twite.Contracts;
using Twite.Unicode;

namespace Twite.Accounts;

internal sealed partial class AccountsEndpoint
{
    private const int MaxListed = 500;
    private const int MaxQueryCharacters = 500;
    private const int DefaultFound = 20;
    private const int MaxFound = 80;

    /// <inheritdoc/>
    public override Task<Account> GetAccount(GetAccountRequest request, ServerCallContext context) =>
        Task.FromResult((accounts.Find(request.Id) ?? throw AccountsStore.NotFound()).ToContract());

    /// <inheritdoc/>
    public override Task<Account> LookUpAccount(LookUpAccountRequest request, ServerCallContext context)
    {
        var account = AccountName.TryParse(request.Name, out var name) ? accounts.FindByName(name) : null;
        return Task.FromResult((account ?? throw AccountsStore.NotFound()).ToContract());
    }

    /// <inheritdoc/>
    public override Task<ListAccountsReply> ListAccounts(ListAccountsRequest request, ServerCallContext context)
    {
        if (request.Ids.Count + request.Names.Count > MaxListed)
        {
            throw RpcErrors.InvalidArgument(request.Ids.Count > MaxListed ? "ids" : "names", "TOO_MANY",
                $"At most {MaxListed} accounts can be asked for at once. Ask for fewer.");
        }
        var nameKeys = request.Names.Select(typed => AccountName.TryParse(typed, out var name) ? name.Key : null).OfType<string>();
        return Task.FromResult(ReplyWith(accounts.List(request.Ids, nameKeys)));
    }

    /// <inheritdoc/>
    public override Task<ListAccountsReply> SearchAccounts(SearchAccountsRequest request, ServerCallContext context)
    {
        if (request.Query.Length > MaxQueryCharacters)
        {
            throw RpcErrors.InvalidArgument("query", "TOO_LONG", $"A search has at most {MaxQueryCharacters} characters.");
        }
        if (request.Limit < 0)
        {
            throw RpcErrors.InvalidArgument("limit", "NEGATIVE", "The limit is the number of accounts wanted: 1 to 80, or 0 for 20.");
        }
        var limit = request.Limit == 0 ? DefaultFound : Math.Min(request.Limit, MaxFound);
        var typed = Nfc.Of(request.Query).Trim().TrimStart('@');
        var prefix = ProfileRules.SearchKey(typed);
        // Nobody is called by what has a control character, and PostgreSQL takes no text with the first of them.
        if (prefix.Length == 0 || prefix.Any(char.IsControl))
        {
            return Task.FromResult(new ListAccountsReply());
        }
        // Who is called so comes before who calls themselves so; the name itself sorts before longer ones.
        var found = (AccountName.TryParse(typed, out _) ? accounts.SearchNames(prefix, limit) : [])
            .Concat(accounts.SearchDisplayNames(prefix, limit));
        return Task.FromResult(ReplyWith(found.DistinctBy(account => account.Id).Take(limit)));
    }

    /// <inheritdoc/>
    public override async Task<Account> UpdateProfile(UpdateProfileRequest request, ServerCallContext context)
    {
        var user = await _users.RequireAsync(context);
        var displayName = request.HasDisplayName ? ProfileRules.DisplayName(request.DisplayName, "display_name") : null;
        var biography = request.HasBiography ? ProfileRules.Biography(request.Biography, "biography") : null;
        var account = await accounts.UpdateProfileAsync(user.Id, displayName, biography, context.CancellationToken);
        verifier.CatchUp();
        return account.ToContract();
    }

    /// <inheritdoc/>
    public override async Task<Empty> ChangePassword(ChangePasswordRequest request, ServerCallContext context)
    {
        var account = await RequireAccountAsync(context);
        passwords.Check(request.NewPassword, AccountName.OfAccount(account.Name), "new_password");
        PasswordHash before;
        PasswordHash? after = null;
        do
        {
            before = await logIns.ConfirmAsync(account.Id, request.CurrentPassword, context.CancellationToken);
            after ??= await hasher.HashAsync(request.NewPassword, context.CancellationToken);
        }
        // Changed since it was compared: the new one counts.
        while (!await accounts.ChangePasswordAsync(account.Id, before, after, request.KeepSessionId, context.CancellationToken));
        verifier.CatchUp();
        logger.PasswordChanged(account.Id);
        return new Empty();
    }

    /// <inheritdoc/>
    public override async Task<Empty> DeleteAccount(DeleteAccountRequest request, ServerCallContext context)
    {
        var account = await RequireAccountAsync(context);
        PasswordHash password;
        do
        {
            password = await logIns.ConfirmAsync(account.Id, request.Password, context.CancellationToken);
        }
        while (!await accounts.DeleteAsync(account.Id, password, context.CancellationToken));
        verifier.CatchUp();
        logger.AccountDeleted(account.Id);
        return new Empty();
    }

    private static ListAccountsReply ReplyWith(IEnumerable<AccountRow> rows) => new() { Accounts = { rows.Select(row => row.ToContract()) } };
}
