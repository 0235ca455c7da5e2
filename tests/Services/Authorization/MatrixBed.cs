using System.Security.Cryptography;
using Anywire.Identity;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Twite.Contracts;
using Twite.Services.Bed;

namespace Twite.Services.Authorization;

/// <summary>Who makes a call.</summary>
public enum Caller
{
    /// <summary>The front end, for a visitor who is not logged in.</summary>
    Nobody,

    /// <summary>The front end, for the person whom the call is about.</summary>
    Owner,

    /// <summary>The front end, for somebody else.</summary>
    Other,

    /// <summary>The front end, for somebody who was suspended after it got the assertion.</summary>
    Suspended,

    /// <summary>The front end, for somebody who deleted their account after it got the assertion.</summary>
    Deleted,

    /// <summary>The front end, with an assertion that was good a minute ago.</summary>
    Expired,

    /// <summary>The front end, with an assertion that somebody else signed.</summary>
    Forged,

    /// <summary>The operator's tool.</summary>
    Admin,

    /// <summary>Another service, for nobody.</summary>
    Service,
}

/// <summary>What callers are called.</summary>
internal static class Callers
{
    /// <summary>The name that a caller's certificate proves.</summary>
    public static string NameOf(Caller caller) => caller switch
    {
        Caller.Admin => "admin",
        Caller.Service => "notifications",
        _ => "web",
    };
}

/// <summary>One running bed for all cells of a matrix; each cell has people of its own.</summary>
public sealed class MatrixBed<TCarrier> : IAsyncLifetime
    where TCarrier : Carrier, new()
{
    private int _people;

    public ServiceBed Bed { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Bed = await ServiceBed.StartAsync(new TCarrier());

    public ValueTask DisposeAsync() => Bed.DisposeAsync();

    public Task<Person> SignUpAsync() => Person.SignUpAsync(Bed, $"person{++_people}");

    /// <summary>What a caller sends along with a call about somebody.</summary>
    public async Task<Metadata> HeadersAsync(Caller caller, Person owner)
    {
        switch (caller)
        {
            case Caller.Nobody or Caller.Admin or Caller.Service:
                return [];
            case Caller.Owner:
                return owner.Headers;
            case Caller.Forged:
                using (var key = ECDsa.Create(ECCurve.NamedCurves.nistP256))
                {
                    var keyId = (await Bed.Accounts().AssertionKeysAsync(new Empty())).Keys[0].Id;
                    return UserIdentity.Headers(new UserAssertionSigner(key, keyId, Bed.Time).Sign(new UserIdentity(owner.Id, owner.Name), out _));
                }
        }

        var other = await SignUpAsync();
        switch (caller)
        {
            case Caller.Suspended:
                await Bed.Accounts("admin").SetSuspendedAsync(new SetSuspendedRequest { Id = other.Id, Suspended = true });
                await TellFollowsAsync(other, AccountState.Suspended);
                break;
            case Caller.Deleted:
                await Bed.Accounts().DeleteAccountAsync(new DeleteAccountRequest { Password = Person.Password }, other.Headers);
                await TellFollowsAsync(other, AccountState.Deleted);
                break;
            case Caller.Expired:
                Bed.Time.Advance(UserAssertionSigner.Lifetime);
                return owner.Headers;
        }
        return other.Headers;
    }

    // The event is on its way as well; a test cannot wait for what it cannot see.
    private async Task TellFollowsAsync(Person person, AccountState state) => await Bed.Follows("accounts").OnAccountClosedAsync(new AccountClosed
    {
        Header = new EventHeader { Id = $"accounts-{person.Id}", OccurredAt = Timestamp.FromDateTimeOffset(Bed.Time.GetUtcNow()) },
        AccountId = person.Id,
        State = state,
    });
}
