namespace Anywire.Messaging;

/// <summary>Runs what outlives the call that happens to need it first, such as a connection: its trace and its locals do not come along.</summary>
internal static class Detached
{
    public static async Task RunAsync(Func<Task> work)
    {
        Task running;
        using (ExecutionContext.SuppressFlow())
        {
            running = Task.Run(work);
        }
        await running;
    }
}
