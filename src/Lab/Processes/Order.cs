using System.Text.Json.Serialization;

namespace Twite.Lab.Processes;

/// <summary>What a worker is told to do. One line of JSON each, on its standard input.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "do")]
[JsonDerivedType(typeof(MakeKeys), "make-keys")]
[JsonDerivedType(typeof(OpenBroker), "open-broker")]
[JsonDerivedType(typeof(OpenServer), "open-server")]
[JsonDerivedType(typeof(OpenClient), "open-client")]
[JsonDerivedType(typeof(RunClosed), "run-closed")]
[JsonDerivedType(typeof(RunOpen), "run-open")]
[JsonDerivedType(typeof(ReadUsage), "read-usage")]
[JsonDerivedType(typeof(SendEvents), "send-events")]
[JsonDerivedType(typeof(ReadEvents), "read-events")]
[JsonDerivedType(typeof(OpenNetwork), "open-network")]
[JsonDerivedType(typeof(SetLoss), "set-loss")]
[JsonDerivedType(typeof(OpenScreens), "open-screens")]
[JsonDerivedType(typeof(PostToScreens), "post-to-screens")]
internal abstract record Order;

/// <summary>Makes the keys of a cluster, as <see cref="ILabHost.MakeKeys"/>; answered by <see cref="Done"/>.</summary>
/// <param name="Keys">The folder for them; made when it does not exist.</param>
internal sealed record MakeKeys(string Keys) : Order;

/// <summary>Runs a column's broker, whose usage is then what <see cref="ReadUsage"/> tells; answered by <see cref="BrokerOpened"/>.</summary>
/// <param name="Column">The column's key.</param>
/// <param name="Keys">The folder of <see cref="MakeKeys"/>.</param>
/// <param name="Data">The directory for its files.</param>
internal sealed record OpenBroker(string Column, string Keys, string Data) : Order;

/// <summary>Listens as a column's servers do; answered by <see cref="Opened"/>.</summary>
/// <param name="Column">The column's key.</param>
/// <param name="Seed">The comparison's seed: which sessions there are.</param>
/// <param name="Keys">The folder of <see cref="MakeKeys"/>.</param>
/// <param name="Port">The port of the column's broker; 0: any free one for each server.</param>
/// <param name="IsBehindBadWay">Whether callers reach them over a way that <see cref="SetLoss"/> makes bad.</param>
internal sealed record OpenServer(string Column, long Seed, string Keys, int Port, bool IsBehindBadWay = false) : Order;

/// <summary>Connects to a column's servers; answered by <see cref="Done"/>.</summary>
/// <param name="Column">The column's key.</param>
/// <param name="Seed">As for the server.</param>
/// <param name="Keys">As for the server.</param>
/// <param name="Addresses">What <see cref="Opened"/> said.</param>
internal sealed record OpenClient(string Column, long Seed, string Keys, IReadOnlyDictionary<string, string> Addresses) : Order;

/// <summary>Verifies sessions in a closed loop; answered by <see cref="Ran"/>.</summary>
internal sealed record RunClosed(int Callers, double Seconds) : Order;

/// <summary>Verifies sessions in an open loop; answered by <see cref="Ran"/>.</summary>
internal sealed record RunOpen(double Rate, double Seconds, double LateMilliseconds) : Order;

/// <summary>Asks what the process, or the broker that it runs, has used; answered by <see cref="Usage"/>.</summary>
internal sealed record ReadUsage : Order;

/// <summary>Sends events; answered by <see cref="Ran"/>.</summary>
/// <param name="Run">Tells these events from those of other runs.</param>
/// <param name="IsGuaranteed">Whether they are delivered at least once; else best effort.</param>
/// <param name="Senders">How many are under way at once; 0: an open loop at <paramref name="Rate"/>.</param>
/// <param name="Rate">Events per second of an open loop.</param>
/// <param name="Seconds">How long.</param>
/// <param name="LateMilliseconds">A send of an open loop that left later than this is late.</param>
internal sealed record SendEvents(int Run, bool IsGuaranteed, int Senders, double Rate, double Seconds, double LateMilliseconds) : Order;

/// <summary>Asks the receiver what came of a run; answered by <see cref="EventsReceived"/>.</summary>
/// <param name="Run">The run; what comes of it later is not noted any more.</param>
/// <param name="Sent">How many were acknowledged: the receiver waits for the last of them.</param>
/// <param name="Failed">The numbers of those whose sending failed: they may have come all the same, which makes up for none that was acknowledged.</param>
/// <param name="PatienceSeconds">For how long it waits after the last that came; what comes later counts as lost.</param>
internal sealed record ReadEvents(int Run, long Sent, IReadOnlyList<long> Failed, double PatienceSeconds) : Order
{
    /// <summary>What came of what a loop has sent.</summary>
    public static ReadEvents Of(int run, Ran sent, TimeSpan patience) => new(run, sent.Calls - sent.Failures, sent.Failed, patience.TotalSeconds);
}

/// <summary>Runs the whole network over a column's wire; answered by <see cref="NetworkOpened"/>.</summary>
/// <param name="Column">The column's key.</param>
/// <param name="Keys">The folder of <see cref="MakeKeys"/>.</param>
/// <param name="Data">The directory for its files.</param>
/// <param name="People">How many people sign up.</param>
/// <param name="Port">The port of the column's broker; 0: any free one for each service.</param>
/// <param name="IsBehindBadWay">Whether services reach each other over a way that <see cref="SetLoss"/> makes bad.</param>
internal sealed record OpenNetwork(string Column, string Keys, string Data, int People, int Port, bool IsBehindBadWay) : Order;

/// <summary>Says how bad the way to those who listen in this process is; answered by <see cref="LossSet"/>.</summary>
/// <param name="Percent">How many of a hundred datagrams are lost; as many come twice, and as many late.</param>
internal sealed record SetLoss(int Percent) : Order;

/// <summary>Makes the followers follow the authors and opens their live streams; answered by <see cref="Done"/>.</summary>
/// <param name="Url">Where the network is.</param>
/// <param name="Authors">Those who post.</param>
/// <param name="Followers">Those who watch; each follows every author.</param>
internal sealed record OpenScreens(string Url, IReadOnlyList<Person> Authors, IReadOnlyList<Person> Followers) : Order;

/// <summary>Posts at a rate and watches the screens; answered by <see cref="ScreensShowed"/>.</summary>
internal sealed record PostToScreens(int Run, double Rate, double Seconds, double LateMilliseconds) : Order;

/// <summary>Somebody on the network.</summary>
/// <param name="Id">The account's id.</param>
/// <param name="Name">The account's name.</param>
/// <param name="Token">An API token.</param>
public sealed record Person(string Id, string Name, string Token);
