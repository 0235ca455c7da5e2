namespace Twite.Lab.Processes;

/// <summary>The inside of a worker process: reads orders, writes answers, and ends with whoever started it.</summary>
public static class WorkerLoop
{
    /// <summary>Works until the input ends, which it does when the process that started this one has died, however it died.</summary>
    /// <param name="columns">What can be compared.</param>
    /// <param name="host">The program.</param>
    /// <param name="loggers">Where logs go; never the output.</param>
    /// <param name="input">Orders.</param>
    /// <param name="output">Answers.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static async Task RunAsync(
        IReadOnlyList<Column> columns, ILabHost host, Microsoft.Extensions.Logging.ILoggerFactory loggers, TextReader input, TextWriter output,
        CancellationToken cancellationToken)
    {
        await using var worker = new Worker(new WorkerOptions { Columns = columns, Host = host, Loggers = loggers });
        using var orphaned = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        // A thread of its own: it must notice the end of the input while every thread of the pool is busy calling.
        var orders = System.Threading.Channels.Channel.CreateUnbounded<string>();
        var reading = new Thread(() =>
        {
            while (input.ReadLine() is { } line)
            {
                orders.Writer.TryWrite(line);
            }
            orders.Writer.Complete();
            orphaned.Cancel();
        })
        { IsBackground = true, Name = "orders" };
        reading.Start();
        try
        {
            await foreach (var line in orders.Reader.ReadAllAsync(orphaned.Token))
            {
                // Whoever gave the order may be gone before it is carried out; nothing is left to work for then.
                var answer = await worker.HandleAsync(WorkerProtocol.ReadOrder(line), orphaned.Token).WaitAsync(orphaned.Token);
                await output.WriteLineAsync(WorkerProtocol.Write(answer));
                await output.FlushAsync(CancellationToken.None);
            }
        }
        catch (OperationCanceledException) when (orphaned.IsCancellationRequested)
        {
            // The input has ended.
        }
    }
}
