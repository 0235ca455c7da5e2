using Anywire;
using Twite.Brokers;
using Twite.Hosting;
using Twite.Topologies;

namespace Twite.Examination;

/// <summary>Looks at the brokers that a topology's addresses lead to.</summary>
internal static class BrokerExam
{
    /// <summary>A finding for each.</summary>
    /// <param name="topology">Who runs where.</param>
    /// <param name="folder">The folder of keys.</param>
    public static async Task<IReadOnlyList<Finding>> LookAsync(Topology topology, string folder)
    {
        var credentials = CredentialsIn(folder, topology);
        return await Task.WhenAll(BrokerSite.In(topology).Select(site => LookAsync(site, credentials)));
    }

    private static async Task<Finding> LookAsync(BrokerSite site, ServiceCredentials? credentials)
    {
        var probe = new BrokerProbe(site, credentials);
        // Who is nobody for the broker leaves a complaint in its log: with certificates it is asked properly.
        var canAsk = credentials is not null || !site.IsSecured;
        var problem = canAsk ? await probe.ProblemAsync() : await probe.IsOpenAsync() ? null : BrokerProbe.Nobody;
        return problem == BrokerProbe.Nobody
                ? Finding.Warn(site.Kind.Name, $"nobody listens at {site.Address}: {(site.Kind.Installed is null ? $"install one ({site.Kind.HowToGet}), and twite up --with-broker starts it" : "twite up --with-broker starts the one that is installed here, or start your own")}")
            : problem is not null
                ? Finding.Fail(site.Kind.Name, $"at {site.Address}: {problem}; set it up with what twite keys broker writes, or end it and use twite up --with-broker")
            : canAsk
                ? Finding.Ok(site.Kind.Name, $"{site.Address} takes {(site.IsSecured ? "the cluster's certificates and proves to be its broker" : "connections")}")
            : Finding.Warn(site.Kind.Name, $"something listens at {site.Address}; whether it is the cluster's broker shows once there are certificates");
    }

    // Any service's will do: which of them are here depends on the machine.
    private static ServiceCredentials? CredentialsIn(string folder, Topology topology)
    {
        foreach (var service in topology.Services.Keys)
        {
            try
            {
                return CertificateFolder.Load(folder, service);
            }
            catch (TopologyException)
            {
                // It is looked at by itself.
            }
        }
        return null;
    }
}
