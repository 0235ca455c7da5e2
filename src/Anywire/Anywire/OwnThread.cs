namespace Anywire;

/// <summary>Threads of a transport's own.</summary>
internal static class OwnThread
{
    /// <summary>Runs something for long; by one of the pool's threads where the system gives no more.</summary>
    public static void Run(ThreadStart run, string name)
    {
        if (!TryStart(run, name))
        {
            ThreadPool.UnsafeQueueUserWorkItem(static r => r(), run, preferLocal: false);
        }
    }

    /// <summary>Starts one that does not keep the process alive.</summary>
    /// <param name="run">What it does.</param>
    /// <param name="name">What debuggers show.</param>
    /// <returns>False when the system gives no more of them, to a container with a limit for instance.</returns>
    public static bool TryStart(ThreadStart run, string name)
    {
        try
        {
            new Thread(run) { IsBackground = true, Name = name }.UnsafeStart();
            return true;
        }
        catch (Exception error) when (error is OutOfMemoryException or ThreadStartException)
        {
            return false;
        }
    }
}
