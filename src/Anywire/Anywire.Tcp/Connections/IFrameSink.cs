using Anywire.Tcp.Format;

namespace Anywire.Tcp.Connections;

/// <summary>Takes what a <see cref="FrameReader"/> reads. Called by the reading thread only.</summary>
internal interface IFrameSink
{
    /// <summary>Something has come; its frames follow.</summary>
    void OnReceived();

    /// <summary>Takes one frame.</summary>
    /// <param name="header">Its header.</param>
    /// <param name="payload">Its payload; valid until somebody else's code is run.</param>
    /// <returns>What the last <see cref="FrameReader.Leave"/> gave; true when nobody else's code was run.</returns>
    /// <exception cref="ProtocolException">The frame is against the rules.</exception>
    bool OnFrame(FrameHeader header, ReadOnlyMemory<byte> payload);

    /// <summary>All that has come was taken.</summary>
    void OnPause();

    /// <summary>Little comes: what is held to be fast should be given back.</summary>
    void OnQuiet();

    /// <summary>Whether reading should wait until <paramref name="goOn"/> is called.</summary>
    bool MustWait(Action goOn);

    /// <summary>Somebody else's code is about to be run.</summary>
    void OnLent();

    /// <summary>Another thread is about to read on, since somebody's code holds this one up. Called by the watchdog's thread.</summary>
    void OnTakenOver();

    /// <summary>There is nothing more to read.</summary>
    /// <param name="error">What broke the connection; null when the peer closed it.</param>
    void OnEnd(Exception? error);
}
