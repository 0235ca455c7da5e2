namespace Anywire.Tcp.Format;

/// <summary>The peer sent what the wire format does not allow; the connection cannot go on.</summary>
internal sealed class ProtocolException(string message) : Exception(message);
