using Twite.Keys;

namespace Twite.Examination;

/// <summary>Looks at the certificates that a topology needs.</summary>
internal static class CertificateExam
{
    /// <summary>A finding for each service, and for its broker.</summary>
    /// <param name="folder">The folder of keys.</param>
    /// <param name="services">Who needs a certificate.</param>
    /// <param name="now">The time to judge by.</param>
    /// <param name="overBroker">Whether messages go through a broker, so that each needs keys for them.</param>
    public static IEnumerable<Finding> Look(string folder, IReadOnlyCollection<string> services, DateTimeOffset now, bool overBroker = false)
    {
        if (!Directory.Exists(folder))
        {
            return [Finding.Warn("certificates", $"there are none in {folder} yet: twite up makes them there, twite keys --dir {folder} too, and --certificates DIR says where else they are")];
        }
        // The broker's is looked at where it is; on most machines it is not.
        var names = overBroker && Directory.Exists(Path.Combine(folder, KeyFolder.Broker)) ? services.Append(KeyFolder.Broker) : services;
        return names.Select(name => Judge(IssuedCertificate.Read(KeyFolder.Of(folder, name), name, now), folder, now)).Concat(overBroker ? MessageKeys(folder, services) : []);
    }

    private static List<Finding> MessageKeys(string folder, IReadOnlyCollection<string> services)
    {
        const string Subject = "message keys";
        var keyring = new MessageKeyring(folder);
        var problems = services.Select(s => (Service: s, Text: keyring.ProblemOf(s, services))).Where(p => p.Text is not null)
            .Select(p => Finding.Fail(Subject, $"of {p.Service}: {p.Text}; mend it: twite keys --dir {folder}, and bring each service its message-keys.json")).ToList();
        return problems.Count > 0 ? problems : [Finding.Ok(Subject, "each service has its own and those of all others")];
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
