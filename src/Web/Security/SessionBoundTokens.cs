using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Http;
using Twite.Web.Sessions;

namespace Twite.Web.Security;

/// <summary>Binds a form's antiforgery token to the session it was made in, without asking Accounts: so that a form still works, and can
/// say what is missing, while Accounts is away.</summary>
internal sealed class SessionBoundTokens(SessionCookie cookie) : IAntiforgeryAdditionalDataProvider
{
    public string GetAdditionalData(HttpContext context) => cookie.IsCleared(context) ? "" : Fingerprint(context);

    public bool ValidateAdditionalData(HttpContext context, string additionalData) =>
        CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(additionalData), Encoding.ASCII.GetBytes(Fingerprint(context)));

    private string Fingerprint(HttpContext context) => cookie.Read(context.Request) is { } token
        ? Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes("antiforgery:" + token)).AsSpan(0, 16))
        : "";
}
