namespace Twite.Supervision;

/// <summary>What ties a supervised process to the one that started it: a pipe as standard input, which nobody writes to. When it ends, because the
/// parent closed it or is no more, however it ended, the process drains; one that has not drained by then is ended.</summary>
internal static class Lifeline
{
    /// <summary>How long draining may take.</summary>
    public static readonly TimeSpan DrainTimeout = TimeSpan.FromSeconds(30);

    /// <summary>Begins to watch, in the background.</summary>
    /// <param name="input">The pipe.</param>
    /// <param name="stop">Cancelled when the pipe ends.</param>
    /// <param name="end">Ends the process at once.</param>
    /// <param name="time">The clock.</param>
    public static void Watch(TextReader input, CancellationTokenSource stop, Action end, TimeProvider time)
    {
        // Reading a pipe blocks, whatever it is called: it gets a thread of its own.
        new Thread(() =>
        {
            while (input.Read() >= 0)
            {
                // Nobody has anything to say here.
            }
            stop.Cancel();
        })
        { IsBackground = true, Name = "lifeline" }.Start();
        stop.Token.Register(() => _ = Task.Delay(DrainTimeout, time, CancellationToken.None).ContinueWith(_ => end(), TaskScheduler.Default));
    }
}
