namespace Anywire.Udp.Format;

/// <summary>What came is not of the form that the README states.</summary>
internal sealed class MalformedMessageException(string message) : FormatException(message);
