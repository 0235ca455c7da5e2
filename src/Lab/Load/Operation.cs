namespace Twite.Lab.Load;

/// <summary>One operation of a loop.</summary>
/// <param name="number">Its number in the loop, from 0.</param>
/// <param name="from">The timestamp that its latency counts from.</param>
/// <returns>Whether it was answered rightly; a failure may also be thrown.</returns>
internal delegate ValueTask<bool> Operation(long number, long from);
