namespace Anywire.Udp.Format;

/// <summary>What a message within a datagram is; the README beside the project gives their bytes.</summary>
internal enum MessageKind : byte
{
    /// <summary>Fills a datagram: what follows means nothing.</summary>
    Padding = 0,

    /// <summary>A call that nobody answers.</summary>
    Event = 1,

    /// <summary>A call that is answered.</summary>
    Request = 2,

    /// <summary>How a call ended.</summary>
    End = 3,

    /// <summary>A call ended well, with an empty reply and no metadata.</summary>
    Handled = 4,

    /// <summary>The response headers of a call that has not ended.</summary>
    Headers = 5,

    /// <summary>The call came and is being handled.</summary>
    Working = 6,

    /// <summary>The caller has given the call up.</summary>
    Cancel = 7,

    /// <summary>What has been received.</summary>
    Report = 8,

    /// <summary>Asks for a report.</summary>
    Probe = 9,

    /// <summary>Plain wire: its sender goes.</summary>
    Leaving = 10,
}
