using Twite.Keys;

namespace Twite.Examination;

/// <summary>Looks at the certificates that a topology needs.</summary>
internal static class CertificateExam
{
    /// <summary>A finding for each service.</summary>
    /// <param name="folder">The folder of keys.</param>
    /// <param name="services">Who needs a certificate.</param>
    /// <param name="now">The time to judge by.</param>
    public static IEnumerable<Finding> Look(string folder, IEnumerable<string> services, DateTimeOffset now)
    {
        if (!Directory.Exists(folder))
        {
            return [Finding.Warn("certificates", $"there are none in {folder} yet: twite up makes them there, twite keys --dir {folder} too, and --certificates DIR says where else they are")];
        }
        return services.Select(service => Judge(IssuedCertificate.Read(KeyFolder.Of(folder, service), service, now), folder, now));
    }

    private static Finding Judge(IssuedCertificate certificate, string folder, DateTimeOffset now)
    {
        var subject = $"{certificate.Name}.pem";
        var left = certificate.Until - now;
        return certificate.Problem is { } problem ? Finding.Fail(subject, $"{problem}; make it anew: twite keys --dir {folder}")
            : left < KeyLifetimes.WarnBefore ? Finding.Warn(subject, $"expires on {certificate.Until:yyyy-MM-dd}, in {left.TotalDays:N0} days; renew it: twite keys --dir {folder}, then restart {certificate.Name}")
            : Finding.Ok(subject, $"is good until {certificate.Until:yyyy-MM-dd}, by {certificate.Issuer}");
    }
}
