namespace Anywire.Identity;

/// <summary>A <see cref="Grpc.Core.ServerCallContext"/> of a call that may have waited in a durable queue before it came here.</summary>
public interface IHeldCall
{
    /// <summary>When its sender handed it over, proved by the sender; null when it did not wait. What was good at that time is good for the call.</summary>
    DateTimeOffset? AcceptedAt { get; }
}
