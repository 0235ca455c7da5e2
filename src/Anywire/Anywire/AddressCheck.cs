namespace Anywire;

/// <summary>What every transport with sockets asks of an address before it does anything with it.</summary>
internal static class AddressCheck
{
    /// <exception cref="FormatException">The address names no host and port.</exception>
    public static void RequireHostAndPort(Endpoint endpoint)
    {
        if (endpoint.Host.Length == 0 || endpoint.Port < 0)
        {
            throw NoHostAndPort(endpoint);
        }
    }

    /// <summary>What an address is refused with that names no host and port.</summary>
    public static FormatException NoHostAndPort(Endpoint endpoint) =>
        new($"\"{endpoint}\" names no host and port. Write {endpoint.Scheme}://host:port.");

    /// <exception cref="InvalidOperationException">The address is secured, and there is nothing to secure it with.</exception>
    public static void RequireCredentials(Endpoint endpoint, TransportTraits traits, ServiceCredentials? credentials)
    {
        if (credentials is null && traits.NeedsCredentials && endpoint.Scheme == traits.Scheme)
        {
            throw new InvalidOperationException($"{endpoint} is secured and there is no certificate to prove the service with.");
        }
    }
}
