namespace Anywire.Tcp.Connections;

/// <summary>Threads of the transport's own.</summary>
internal static class OwnThread
{
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
