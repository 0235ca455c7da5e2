namespace Anywire.Messaging.Format;

/// <summary>A message is not of the form that the README states.</summary>
internal sealed class MalformedMessageException(string message) : Exception(message);
