namespace Twite.Lab.Processes;

/// <summary>Starts workers.</summary>
internal interface IWorkers
{
    /// <summary>Starts one.</summary>
    /// <param name="name">What it is for, for messages.</param>
    IWorker Start(string name);
}

/// <summary>A worker as whoever started it sees it. Disposing ends it. One order at a time.</summary>
internal interface IWorker : IAsyncDisposable
{
    /// <summary>Gives an order and waits for the answer.</summary>
    /// <exception cref="WorkerException">It could not be carried out.</exception>
    Task<T> AskAsync<T>(Order order, CancellationToken cancellationToken)
        where T : Answer;
}

/// <summary>A worker could not do what it was told, or has died. The message is for people.</summary>
internal sealed class WorkerException(string message) : Exception(message);
