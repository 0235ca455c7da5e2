namespace Anywire.Messaging.Format;

/// <summary>What a message is.</summary>
internal enum MessageKind : byte
{
    /// <summary>Caller to service: one call.</summary>
    Request = 1,

    /// <summary>Handler to caller: how the call ended; the reply of a call that has one.</summary>
    End = 2,

    /// <summary>Handler to caller: the response headers, and where the handler is told of credit; before the first message of a stream.</summary>
    Begin = 3,

    /// <summary>Handler to caller: one message of the stream.</summary>
    Item = 4,

    /// <summary>Caller to handler: how many bytes of the stream may have been sent in all.</summary>
    Credit = 5,

    /// <summary>Caller to handler: stop.</summary>
    Cancel = 6,

    /// <summary>Caller to service, kept until it was handled: one at-least-once call.</summary>
    Event = 7,
}
