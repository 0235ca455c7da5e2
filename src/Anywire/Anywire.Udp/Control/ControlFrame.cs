namespace Anywire.Udp.Control;

/// <summary>What a frame of the control connection is.</summary>
internal enum ControlKind : byte
{
    /// <summary>Caller: begins a session.</summary>
    Hello = 1,

    /// <summary>Handler: the session that it opened.</summary>
    Welcome = 2,

    /// <summary>Either: is there, and has received so much.</summary>
    Counters = 3,

    /// <summary>Caller: a new key, its part.</summary>
    Rekey = 4,

    /// <summary>Handler: its part of the new key.</summary>
    Rekeyed = 5,

    /// <summary>Handler: the key in use has sealed enough.</summary>
    WantsRekey = 6,

    /// <summary>Handler: takes no new calls.</summary>
    Leaving = 7,

    /// <summary>Handler: no session could be opened; why, in words.</summary>
    Refused = 8,
}
