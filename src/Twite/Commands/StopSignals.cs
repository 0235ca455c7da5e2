using System.Runtime.InteropServices;

namespace Twite.Commands;

/// <summary>Ctrl-C and SIGTERM: the first stops in order, the second ends the program at once.</summary>
internal sealed class StopSignals : IDisposable
{
    private readonly CancellationTokenSource _stop;
    private readonly Action? _end;
    private readonly List<PosixSignalRegistration> _registrations = [];

    /// <summary>Begins to listen.</summary>
    /// <param name="stop">Cancelled by the first signal.</param>
    /// <param name="end">Called at the second, before it ends the program.</param>
    public StopSignals(CancellationTokenSource stop, Action? end = null)
    {
        (_stop, _end) = (stop, end);
        foreach (var signal in new[] { PosixSignal.SIGTERM, PosixSignal.SIGINT })
        {
            _registrations.Add(PosixSignalRegistration.Create(signal, OnSignal));
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _registrations.ForEach(r => r.Dispose());

    private void OnSignal(PosixSignalContext signal)
    {
        signal.Cancel = !_stop.IsCancellationRequested;
        if (!signal.Cancel)
        {
            _end?.Invoke();
        }
        _stop.Cancel();
    }
}
