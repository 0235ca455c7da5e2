namespace Anywire;

/// <summary>An at-least-once call that was given up, and that a broker keeps for an operator. Immutable.</summary>
/// <param name="Sender">The service that sent it.</param>
/// <param name="Method">The gRPC path of the method.</param>
/// <param name="EventId">What its sender named it by (<see cref="EventMetadata.IdKey"/>); empty when it did not.</param>
/// <param name="Reason">Why, in people's words.</param>
public sealed record DeadLetter(string Sender, string Method, string EventId, string Reason);
