using System.Runtime.InteropServices;
using Anywire.Tcp.Connections;

namespace Twite.Lab.Load;

/// <summary>Sleeps in the kernel to within some microseconds, on Linux: a timer of .NET rounds to a millisecond, and spinning would take one of
/// the cores that are measured. Elsewhere it sleeps whole milliseconds and spins the rest.</summary>
internal sealed partial class SleepingPacer(TimeProvider time) : IPacer
{
    private const int SetTimerSlack = 29;
    private const ulong SlackNanoseconds = 1_000;

    private readonly ManualResetEventSlim _never = new();
    private readonly ThreadLocal<bool> _isExact = new(MakeExact);

    /// <inheritdoc/>
    public void WaitUntil(long timestamp)
    {
        for (var left = timestamp - time.GetTimestamp(); left > 0; left = timestamp - time.GetTimestamp())
        {
            var nanoseconds = (long)(left * (1e9 / time.TimestampFrequency));
            if (_isExact.Value)
            {
                var request = new Timespec((nint)(nanoseconds / 1_000_000_000), (nint)(nanoseconds % 1_000_000_000));
                _ = Nanosleep(in request, 0);
            }
            else if (nanoseconds > 2_000_000)
            {
                _never.Wait((int)(nanoseconds / 1_000_000) - 1);
            }
            else
            {
                Thread.SpinWait(20);
            }
        }
    }

    private static bool MakeExact()
    {
        // Who is measured must not keep the sender from being on time.
        ShortTurns.Ask();
        return OperatingSystem.IsLinux() && Prctl(SetTimerSlack, SlackNanoseconds, 0, 0, 0) == 0;
    }

    [LibraryImport("libc", EntryPoint = "nanosleep")]
    private static partial int Nanosleep(in Timespec request, nint remaining);

    [LibraryImport("libc", EntryPoint = "prctl")]
    private static partial int Prctl(int option, ulong argument, ulong third, ulong fourth, ulong fifth);

    private readonly record struct Timespec(nint Seconds, nint Nanoseconds);
}
