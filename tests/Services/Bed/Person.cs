using Anywire.Identity;
using Grpc.Core;
using Twite.Contracts;

namespace Twite.Services.Bed;

/// <summary>Somebody who signed up.</summary>
public sealed record Person(Account Account, string Token, string Device, string Assertion, long SessionId)
{
    public const string Password = "correct horse battery";

    public long Id => Account.Id;

    public string Name => Account.Name;

    /// <summary>Lets a call act for this person. New each time.</summary>
    public Metadata Headers => UserIdentity.Headers(Assertion);

    public static async Task<Person> SignUpAsync(ServiceBed bed, string name)
    {
        var reply = await bed.Accounts().SignUpAsync(new SignUpRequest { Name = name, Password = Password, Label = "a test" });
        var verified = await bed.Accounts().VerifySessionAsync(new VerifySessionRequest { Token = reply.Token });
        return new Person(reply.Account, reply.Token, reply.Device, verified.Assertion, verified.SessionId);
    }
}
