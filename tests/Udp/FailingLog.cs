using Microsoft.Extensions.Logging;

namespace Anywire.Udp.Tests;

/// <summary>Cannot write, as on a full disk.</summary>
internal sealed class FailingLog : ILoggerFactory, ILogger
{
    private int _failures;

    public int Failures => Volatile.Read(ref _failures);

    public ILogger CreateLogger(string categoryName) => this;

    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        Interlocked.Increment(ref _failures);
        throw new IOException("No space left on device.");
    }

    public void Dispose()
    {
        // Nothing is held.
    }
}
