using System.Diagnostics;

namespace Twite.Lab.Processes;

/// <summary>Workers as processes of their own, so that what each side uses can be told apart.</summary>
internal sealed class WorkerProcesses(Func<ProcessStartInfo> program) : IWorkers
{
    public IWorker Start(string name)
    {
        var info = program();
        (info.UseShellExecute, info.RedirectStandardInput, info.RedirectStandardOutput, info.RedirectStandardError) = (false, true, true, true);
        return new WorkerProcess(name, Process.Start(info) ?? throw new WorkerException($"The process of {name} could not be started."));
    }

    private sealed class WorkerProcess : IWorker
    {
        private const int KeptLines = 20;
        private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(15);

        private readonly string _name;
        private readonly Process _process;
        private readonly Queue<string> _errors = new();

        public WorkerProcess(string name, Process process)
        {
            (_name, _process) = (name, process);
            process.ErrorDataReceived += (_, line) => Keep(line.Data);
            process.BeginErrorReadLine();
        }

        public async Task<T> AskAsync<T>(Order order, CancellationToken cancellationToken)
            where T : Answer
        {
            string? line;
            try
            {
                await _process.StandardInput.WriteLineAsync(WorkerProtocol.Write(order).AsMemory(), cancellationToken);
                await _process.StandardInput.FlushAsync(cancellationToken);
                line = await _process.StandardOutput.ReadLineAsync(cancellationToken);
            }
            catch (IOException)
            {
                line = null;
            }
            return line is null ? throw Died() : WorkerProtocol.ReadAnswer(line) switch
            {
                T answer => answer,
                Failed failed => throw new WorkerException($"{_name}: {failed.Message}"),
                var other => throw new WorkerException($"{_name} answered {other.GetType().Name} instead of {typeof(T).Name}."),
            };
        }

        public async ValueTask DisposeAsync()
        {
            // The end of its input ends it in order; should it not, it is ended.
            try
            {
                _process.StandardInput.Close();
            }
            catch (IOException)
            {
                // It has died, with an order unread.
            }
            try
            {
                using var patience = new CancellationTokenSource(StopTimeout);
                await _process.WaitForExitAsync(patience.Token);
            }
            catch (OperationCanceledException)
            {
                _process.Kill(entireProcessTree: true);
            }
            _process.Dispose();
        }

        private WorkerException Died()
        {
            lock (_errors)
            {
                return new WorkerException($"The process of {_name} has ended by itself{(_errors.Count > 0 ? $": {string.Join(' ', _errors)}" : ".")}");
            }
        }

        private void Keep(string? line)
        {
            lock (_errors)
            {
                if (line is not null)
                {
                    _errors.Enqueue(line);
                }
                if (_errors.Count > KeptLines)
                {
                    _errors.Dequeue();
                }
            }
        }
    }
}
