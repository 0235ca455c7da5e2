using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Extensions;

namespace Twite.Web.Api;

/// <summary>Where things are, as absolute URLs. Immutable.</summary>
/// <param name="Base">Scheme, host and port; no slash at the end.</param>
internal sealed record ApiLinks(string Base)
{
    public static ApiLinks Of(HttpRequest request, ApiOptions options) =>
        new(options.PublicUrl?.GetLeftPart(UriPartial.Authority) ?? UriHelper.BuildAbsolute(request.Scheme, request.Host).TrimEnd('/'));

    /// <summary>The host, with the port where it is not the usual one.</summary>
    public string Domain => Base[(Base.IndexOf("://", StringComparison.Ordinal) + 3)..];

    public string Account(string name) => $"{Base}/@{name}";

    public string Status(string author, long id) => string.Create(CultureInfo.InvariantCulture, $"{Base}/@{author}/{id}");

    public string Tag(string name) => $"{Base}/search?q=%23{Uri.EscapeDataString(name)}";

    public string Avatar(long accountId) => string.Create(CultureInfo.InvariantCulture, $"{Base}/avatars/{accountId}.svg");

    public string Header(long accountId) => string.Create(CultureInfo.InvariantCulture, $"{Base}/headers/{accountId}.svg");
}
