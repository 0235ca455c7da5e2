namespace Anywire.Messaging.Server;

/// <summary>A handling instance's way back through a broker. Any thread may use it.</summary>
internal interface IServerLink
{
    /// <summary>Where this instance is told of credit.</summary>
    string ControlAddress { get; }

    /// <summary>Sends something to a caller.</summary>
    /// <param name="replyTo">Where the broker said that its request came from.</param>
    /// <param name="message">The message; the link keeps it no longer than this takes.</param>
    /// <exception cref="IOException">The broker is gone.</exception>
    ValueTask ReplyAsync(string replyTo, ReadOnlyMemory<byte> message);
}
