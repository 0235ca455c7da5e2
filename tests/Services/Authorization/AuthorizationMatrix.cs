using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Twite.Contracts;
using Twite.Services.Bed;
using static Twite.Services.Authorization.Caller;

namespace Twite.Services.Authorization;

/// <summary>A method, whom it lets through, and a call of it that is right but for who makes it.</summary>
/// <param name="Method">The method.</param>
/// <param name="Allowed">Whom it lets through.</param>
/// <param name="ForPerson">Whether it acts for the person of an assertion.</param>
/// <param name="Call">Makes the call as a service of a name, about somebody, with headers.</param>
internal sealed record AuthorizationRow(
    MethodDescriptor Method, Caller[] Allowed, bool ForPerson, Func<ServiceBed, string, Person, Metadata, Task> Call)
{
    /// <summary>The status that a caller gets.</summary>
    public StatusCode StatusFor(Caller caller) => caller switch
    {
        _ when Allowed.Contains(caller) => StatusCode.OK,
        // The front end is let in and the person is not; everybody else is kept out for the service they are.
        Caller.Nobody or Caller.Owner or Caller.Deleted or Caller.Expired or Caller.Forged when ForPerson => StatusCode.Unauthenticated,
        _ => StatusCode.PermissionDenied,
    };
}

/// <summary>Every method of Accounts and Follows.</summary>
internal static class AuthorizationMatrix
{
    private static readonly Caller[] Everybody = System.Enum.GetValues<Caller>();

    // The front end for whomever, logged in or not.
    private static readonly Caller[] FrontEnd = [Nobody, Owner, Other, Suspended, Deleted, Expired, Forged];

    // What acts for a person acts for the one of the assertion: another person does it to themselves.
    private static readonly Caller[] People = [Owner, Other];

    /// <summary>All rows.</summary>
    public static IReadOnlyList<AuthorizationRow> Rows { get; } = [.. AccountsRows(), .. FollowsRows()];

    /// <summary>The full names of the methods.</summary>
    public static TheoryData<string> Methods() => [.. Rows.Select(row => row.Method.FullName)];

    private static IEnumerable<AuthorizationRow> AccountsRows()
    {
        AuthorizationRow Make(string method, Caller[] allowed, Func<AccountsService.AccountsServiceClient, Person, Metadata, Task> call, bool forPerson = false) =>
            new(AccountsService.Descriptor.FindMethodByName(method), allowed, forPerson, (bed, caller, owner, headers) => call(bed.Accounts(caller), owner, headers));

        return
        [
            Make("SignUp", [.. FrontEnd, Admin], async (c, p, h) => await c.SignUpAsync(new SignUpRequest { Name = $"new{p.Name}", Password = Person.Password }, h)),
            Make("LogIn", [.. FrontEnd, Admin], async (c, p, h) => await c.LogInAsync(new LogInRequest { Name = p.Name, Password = Person.Password }, h)),
            Make("LogOut", FrontEnd, async (c, p, h) => await c.LogOutAsync(new LogOutRequest { Token = p.Token }, h)),
            Make("VerifySession", [.. FrontEnd, Admin], async (c, p, h) => await c.VerifySessionAsync(new VerifySessionRequest { Token = p.Token }, h)),
            Make("GetAccount", Everybody, async (c, p, h) => await c.GetAccountAsync(new GetAccountRequest { Id = p.Id }, h)),
            Make("LookUpAccount", Everybody, async (c, p, h) => await c.LookUpAccountAsync(new LookUpAccountRequest { Name = p.Name }, h)),
            Make("ListAccounts", Everybody, async (c, p, h) => await c.ListAccountsAsync(new ListAccountsRequest { Ids = { p.Id } }, h)),
            Make("SearchAccounts", Everybody, async (c, p, h) => await c.SearchAccountsAsync(new SearchAccountsRequest { Query = p.Name }, h)),
            Make("UpdateProfile", People, async (c, p, h) => await c.UpdateProfileAsync(new UpdateProfileRequest { DisplayName = "x" }, h), forPerson: true),
            Make("ChangePassword", People, async (c, p, h) => await c.ChangePasswordAsync(
                new ChangePasswordRequest { CurrentPassword = Person.Password, NewPassword = "a better horse battery" }, h), forPerson: true),
            Make("ListSessions", People, async (c, p, h) => await c.ListSessionsAsync(new ListSessionsRequest(), h), forPerson: true),
            Make("EndSession", People, async (c, p, h) => await c.EndSessionAsync(new EndSessionRequest { Id = p.SessionId }, h), forPerson: true),
            Make("CreateToken", [Owner, Admin], async (c, p, h) => await c.CreateTokenAsync(new CreateTokenRequest { Name = p.Name }, h), forPerson: true),
            Make("SetSuspended", [Admin], async (c, p, h) => await c.SetSuspendedAsync(new SetSuspendedRequest { Id = p.Id, Suspended = true }, h)),
            Make("DeleteAccount", People, async (c, p, h) => await c.DeleteAccountAsync(new DeleteAccountRequest { Password = Person.Password }, h), forPerson: true),
            Make("AssertionKeys", Everybody, async (c, p, h) => await c.AssertionKeysAsync(new Empty(), h)),
            Make("ImportAccounts", [Admin], async (c, p, h) => await c.ImportAccountsAsync(new ImportAccountsRequest(), h)),
            Make("Handled", [Service], async (c, p, h) => await c.HandledAsync(new HandledRequest(), h)),
        ];
    }

    private static IEnumerable<AuthorizationRow> FollowsRows()
    {
        AuthorizationRow Make(string method, Caller[] allowed, Func<FollowsService.FollowsServiceClient, long, Metadata, Task> call, bool forPerson = false) =>
            new(FollowsService.Descriptor.FindMethodByName(method), allowed, forPerson, async (bed, caller, owner, headers) =>
            {
                // Somebody whom all can follow.
                var followee = await bed.Accounts("admin").ImportAccountsAsync(new ImportAccountsRequest { Accounts = { new ImportedAccount { Name = "followee" } } });
                await call(bed.Follows(caller), followee.Ids[0], headers);
            });

        return
        [
            Make("Follow", People, async (c, id, h) => await c.FollowAsync(new FollowRequest { AccountId = id }, h), forPerson: true),
            Make("Unfollow", People, async (c, id, h) => await c.UnfollowAsync(new FollowRequest { AccountId = id }, h), forPerson: true),
            Make("ListFollowingIds", Everybody, async (c, id, h) => await c.ListFollowingIdsAsync(new ListFollowingIdsRequest { AccountId = id }, h)),
            Make("ListFollowing", Everybody, async (c, id, h) => await c.ListFollowingAsync(new ListFollowsRequest { AccountId = id }, h)),
            Make("ListFollowers", Everybody, async (c, id, h) => await c.ListFollowersAsync(new ListFollowsRequest { AccountId = id }, h)),
            Make("CountFollows", Everybody, async (c, id, h) => await c.CountFollowsAsync(new CountFollowsRequest { AccountIds = { id } }, h)),
            Make("ListRelationships", Everybody, async (c, id, h) => await c.ListRelationshipsAsync(new ListRelationshipsRequest { AccountId = id }, h)),
            Make("ImportFollows", [Admin], async (c, id, h) => await c.ImportFollowsAsync(new ImportFollowsRequest(), h)),
            Make("OnAccountClosed", [], async (c, id, h) => await c.OnAccountClosedAsync(
                new AccountClosed { Header = new EventHeader { Id = "accounts-1", OccurredAt = new Timestamp() }, AccountId = id, State = AccountState.Active }, h)),
            Make("Handled", [Service], async (c, id, h) => await c.HandledAsync(new HandledRequest(), h)),
        ];
    }
}
