namespace Twite.Topologies;

/// <summary>A topology that cannot be run. The message is one sentence for people: what is wrong, where, and the way out.</summary>
internal sealed class TopologyException(string message, Exception? inner = null) : Exception(message, inner);
