namespace Twite.Bench.Sockets;

/// <summary>The caller's end of a subject: where <em>verify session</em> goes. Any thread may use it.</summary>
internal interface IVerifier : IAsyncDisposable
{
    /// <summary>One caller of a closed loop, in one method, so that what a call allocates is the call's and not the loop's.</summary>
    /// <param name="run">The loop.</param>
    /// <param name="first">The number of its first call.</param>
    Task CallAsync(ClosedRun run, long first);

    /// <summary>One call.</summary>
    /// <returns>Whether the answer was the right one.</returns>
    ValueTask<bool> VerifyAsync(long number);
}
