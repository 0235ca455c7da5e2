using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Anywire.Conformance;

/// <summary>Keeps what was logged, so that a case can tell what the operator learns from what the caller learns.</summary>
public sealed class LogBook : ILoggerFactory, ILogger
{
    private readonly ConcurrentQueue<string> _entries = new();

    /// <summary>Everything logged so far, with exceptions.</summary>
    public string Text => string.Join('\n', _entries);

    public ILogger CreateLogger(string categoryName) => this;

    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (IsEnabled(logLevel))
        {
            _entries.Enqueue($"{formatter(state, exception)} {exception}");
        }
    }

    public void Dispose()
    {
        // Nothing is held but text.
    }
}
