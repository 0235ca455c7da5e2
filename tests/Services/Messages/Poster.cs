using Anywire.Identity;
using Grpc.Core;
using Twite.Contracts;
using Twite.Services.Bed;

namespace Twite.Services.Messages;

/// <summary>Somebody who has signed up and posts.</summary>
internal sealed record Poster(ServiceBed Bed, long Id, string Name, string Token)
{
    public static async Task<Poster> SignUpAsync(ServiceBed bed, string name)
    {
        var session = await bed.Accounts().SignUpAsync(new SignUpRequest { Name = name, Password = "correct horse battery staple" });
        return new Poster(bed, session.Account.Id, session.Account.Name, session.Token);
    }

    /// <summary>Proof of who is calling, fresh.</summary>
    public async Task<Metadata> HeadersAsync() =>
        UserIdentity.Headers((await Bed.Accounts().VerifySessionAsync(new VerifySessionRequest { Token = Token })).Assertion);

    public async Task<Message> PostAsync(string text, string? key = null) =>
        await Bed.Messages().PostAsync(new PostRequest { Text = text, IdempotencyKey = key ?? Guid.NewGuid().ToString() }, await HeadersAsync());

    public async Task SubmitAsync(string text, string key) =>
        await Bed.Messages().SubmitAsync(new SubmitRequest { Text = text, IdempotencyKey = key }, await HeadersAsync());

    public async Task<IReadOnlyList<string>> FindPostedAsync(params string[] keys) =>
        (await Bed.Messages().FindPostedAsync(new FindPostedRequest { IdempotencyKeys = { keys } }, await HeadersAsync())).IdempotencyKeys;

    public async Task DeleteAsync(long id) => await Bed.Messages().DeleteAsync(new DeleteRequest { Id = id }, await HeadersAsync());
}
