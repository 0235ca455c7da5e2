namespace Twite.Lab.Load;

/// <summary>Waits for moments that timers are too coarse for.</summary>
internal interface IPacer
{
    /// <summary>Blocks the thread until a timestamp of the clock; returns at once when it has passed.</summary>
    void WaitUntil(long timestamp);
}
