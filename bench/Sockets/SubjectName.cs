namespace Twite.Bench.Sockets;

/// <summary>What a subject is called: <c>dotnet</c> is grpc-dotnet by itself, <c>floor</c> a bare socket, any other the scheme of an Anywire transport. An s at its
/// end means mutual TLS 1.3.</summary>
internal sealed record SubjectName(string Text)
{
    public bool IsSecured => Text.EndsWith('s');

    public bool IsDotnet => Bare == "dotnet";

    public bool IsFloor => Bare == "floor";

    /// <summary>Whether it is Anywire, which the others are there to be compared with.</summary>
    public bool IsOurs => !IsDotnet && !IsFloor;

    /// <summary>Whether the limits are its own; other wires are only shown beside.</summary>
    public bool IsHeldToLimits => Bare == "tcp";

    private string Bare => IsSecured ? Text[..^1] : Text;

    public override string ToString() => Text;
}
