using Microsoft.Extensions.Logging.Abstractions;
using Twite.Lab.Processes;

namespace Twite.Lab.Tests.Wires;

/// <summary>Workers in this process, told and answered by the same lines as processes.</summary>
/// <param name="columns">What can be compared.</param>
/// <param name="cpu">The CPU time of a worker, by what it is for.</param>
internal sealed class LocalWorkers(IReadOnlyList<Column> columns, Func<string, TimeSpan> cpu) : IWorkers
{
    private int _running;
    private int _endedBrokers;

    /// <summary>How many have been started and not ended.</summary>
    public int Running => Volatile.Read(ref _running);

    /// <summary>How many brokers have ended.</summary>
    public int EndedBrokers => Volatile.Read(ref _endedBrokers);

    public IWorker Start(string name)
    {
        Interlocked.Increment(ref _running);
        var host = new FakeHost(() => cpu(name), () => Interlocked.Increment(ref _endedBrokers));
        return new LocalWorker(
            this, new Worker(new WorkerOptions { Columns = columns, Host = host, Loggers = NullLoggerFactory.Instance, Cpu = () => cpu(name) }));
    }

    private sealed class LocalWorker(LocalWorkers owner, Worker worker) : IWorker
    {
        public async Task<T> AskAsync<T>(Order order, CancellationToken cancellationToken)
            where T : Answer
        {
            var answer = await worker.HandleAsync(WorkerProtocol.ReadOrder(WorkerProtocol.Write(order)), cancellationToken);
            return WorkerProtocol.ReadAnswer(WorkerProtocol.Write(answer)) switch
            {
                T expected => expected,
                Failed failed => throw new WorkerException(failed.Message),
                var other => throw new WorkerException(other.ToString()),
            };
        }

        public async ValueTask DisposeAsync()
        {
            await worker.DisposeAsync();
            Interlocked.Decrement(ref owner._running);
        }
    }
}
