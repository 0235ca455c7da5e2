using Anywire;
using Anywire.InProcess;
using Anywire.Wire;

namespace Twite.Services.Bed;

/// <summary>A wire to run the suites over.</summary>
public abstract class Carrier : IAsyncDisposable
{
    /// <summary>The transport, new for each bed.</summary>
    public abstract ITransport Transport { get; }

    /// <summary>Where a service is to listen.</summary>
    public abstract Endpoint EndpointOf(string service);

    /// <summary>What a service proves itself with; null where nothing leaves the process.</summary>
    public virtual ServiceCredentials? CredentialsOf(string service) => null;

    public virtual ValueTask DisposeAsync() => ValueTask.CompletedTask;

    /// <summary>Messages are handed over; each is compared before and after.</summary>
    public sealed class InProcess : Carrier
    {
        public override ITransport Transport { get; } = new InProcessTransport(new InProcessOptions { VerifyHandOver = true });

        public override Endpoint EndpointOf(string service) => Endpoint.Parse($"inproc:{service}");
    }

    /// <summary>Messages go through serializer and frames.</summary>
    public sealed class WireForced : Carrier
    {
        public override ITransport Transport { get; } = new WireTransport();

        public override Endpoint EndpointOf(string service) => Endpoint.Parse($"wire:{service}");
    }
}
