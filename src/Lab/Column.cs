using Anywire;
using Google.Protobuf.Reflection;

namespace Twite.Lab;

/// <summary>What is a floor and no wire: the same call with bare means, so that a wire's price has something to be compared with.</summary>
public enum FloorKind
{
    /// <summary>The handler's method is called directly, in the caller's process.</summary>
    DirectCall,

    /// <summary>A hand-written socket: fixed-size binary requests, one connection, sends coalesced, no TLS, no deadline, no cancellation.</summary>
    BareSocket,
}

/// <summary>One thing that is compared: a column of the report. Immutable.</summary>
public sealed class Column
{
    // Not before it is asked for: the list of columns is made for every command line.
    private readonly Lazy<TransportTraits?> _traits;

    private Column(string key, string name)
    {
        (Key, Name) = (key, name);
        _traits = new Lazy<TransportTraits?>(() => Wires?.Invoke().For(AddressOf("lab", 0)).Traits);
    }

    /// <summary>What it is called on the command line and in file names: <c>grpcs</c>.</summary>
    public string Key { get; }

    /// <summary>What people call it: <c>gRPC</c>.</summary>
    public string Name { get; }

    /// <summary>Its addresses, with <c>{port}</c> where a port goes and <c>{name}</c> where a service's name goes; null for a floor.</summary>
    public string? Address { get; private init; }

    /// <summary>Addresses of another wire, in the same form, for what its own cannot carry of a whole network; null when it carries everything, and for a floor.</summary>
    public string? Beside { get; private init; }

    /// <summary>Whether its own wire sends datagrams, of which a bad way loses some.</summary>
    public bool SendsDatagrams { get; private init; }

    /// <summary>Makes the wires that it uses, a new set for each process; null for a floor. Settings such as a codec are given here.</summary>
    public Func<Transports>? Wires { get; private init; }

    /// <summary>Which floor it is; null for a wire.</summary>
    public FloorKind? Floor { get; private init; }

    /// <summary>A sentence that the report says about it; null: none.</summary>
    public string? Note { get; private init; }

    /// <summary>Whether caller and callee are one process.</summary>
    public bool IsOneProcess => Floor is { } floor ? floor == FloorKind.DirectCall : _traits.Value!.SharesMemory;

    /// <summary>Whether its wire proves who is at both ends and encrypts.</summary>
    public bool IsSecured => _traits.Value is { NeedsCredentials: true } traits && Address!.StartsWith(traits.Scheme + ":", StringComparison.Ordinal);

    /// <summary>Whether its wire goes through a broker, which is a process of its own.</summary>
    public bool HasBroker => _traits.Value is { SharesAddresses: true };

    /// <summary>Of how many processes a pair of caller and callee is made.</summary>
    internal int Processes => IsOneProcess ? 1 : HasBroker ? 3 : 2;

    /// <summary>A wire.</summary>
    /// <param name="key">As <see cref="Key"/>.</param>
    /// <param name="name">As <see cref="Name"/>.</param>
    /// <param name="address">As <see cref="Address"/>.</param>
    /// <param name="wires">As <see cref="Wires"/>.</param>
    /// <param name="note">As <see cref="Note"/>.</param>
    /// <param name="beside">As <see cref="Beside"/>.</param>
    /// <param name="sendsDatagrams">As <see cref="SendsDatagrams"/>.</param>
    public static Column Wire(
        string key, string name, string address, Func<Transports> wires, string? note = null, string? beside = null, bool sendsDatagrams = false) =>
        new(key, name) { Address = address, Wires = wires, Note = note, Beside = beside, SendsDatagrams = sendsDatagrams };

    /// <summary>The floors there are; they carry the scene <c>call</c> only.</summary>
    public static IReadOnlyList<Column> Floors { get; } =
    [
        new("direct", "Direct method call (floor)")
        {
            Floor = FloorKind.DirectCall,
            Note = "The floor of in process: the handler's method, called by the same loops. What it costs is the lab's own harness.",
        },
        new("socket", "Bare socket (floor)")
        {
            Floor = FloorKind.BareSocket,
            Note = "The floor of the wires: one hand-written TCP connection with fixed-size requests, blocking readers and coalesced sends; no TLS, no deadlines, no contracts.",
        },
    ];

    /// <summary>The address of one service.</summary>
    /// <param name="service">The service's name.</param>
    /// <param name="port">Its port; 0 for any free one.</param>
    public Endpoint AddressOf(string service, int port) => Filled(Address!, service, port);

    /// <summary>The address of one service for what the column's own wire cannot carry; null when it carries everything.</summary>
    /// <param name="service">The service's name.</param>
    /// <param name="port">Its port, another one than that of <see cref="AddressOf"/>.</param>
    public Endpoint? BesideOf(string service, int port) => Beside is null ? null : Filled(Beside, service, port);

    /// <summary>Whether its own wire can carry some methods of a service, by what their contracts ask for; a floor carries none.</summary>
    internal bool Carries(ServiceDescriptor service, params IReadOnlyList<string> methods) => _traits.Value is { } traits
        && EdgeCheck.Problems(methods.Select(m => MethodContract.Of(service.FindMethodByName(m))), AddressOf("lab", 0), traits, insecure: true).Count == 0;

    private static Endpoint Filled(string address, string service, int port) => Endpoint.Parse(address
        .Replace("{port}", port.ToString(), StringComparison.Ordinal)
        .Replace("{name}", service, StringComparison.Ordinal));
}
