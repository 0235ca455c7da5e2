using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Anywire.Diagnostics;

/// <summary>Loggers that never throw. Whoever writes logs is code of others and may fail, on a full disk for instance: no call, connection or thread that
/// carries many may end by it. Any thread may use it.</summary>
internal sealed class UnfailingLoggers : ILoggerFactory
{
    private readonly ILoggerFactory _inner;

    private UnfailingLoggers(ILoggerFactory inner) => _inner = inner;

    /// <summary>The same loggers, so that they do not throw. Disposing what this gives does nothing.</summary>
    public static ILoggerFactory Of(ILoggerFactory loggers) => loggers is UnfailingLoggers or NullLoggerFactory ? loggers : new UnfailingLoggers(loggers);

    public ILogger CreateLogger(string categoryName)
    {
        try
        {
            return new Unfailing(_inner.CreateLogger(categoryName));
        }
        catch (Exception error)
        {
            CallMetrics.Failed(error);
            return NullLogger.Instance;
        }
    }

    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException("Add providers to the program's loggers.");

    public void Dispose()
    {
        // The program's loggers are the program's to dispose.
    }

    private sealed class Unfailing(ILogger inner) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => inner.BeginScope(state);

        public bool IsEnabled(LogLevel logLevel)
        {
            try
            {
                return inner.IsEnabled(logLevel);
            }
            catch (Exception error)
            {
                CallMetrics.Failed(error);
                return false;
            }
        }

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            try
            {
                inner.Log(logLevel, eventId, state, exception, formatter);
            }
            catch (Exception error)
            {
                CallMetrics.Failed(error);
            }
        }
    }
}
