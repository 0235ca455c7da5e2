using System.Runtime.InteropServices;

namespace Anywire.Tcp.Connections;

/// <summary>Asks Linux for short turns of the processor, for a thread that has little to do each time it is woken: it need not wait then until a thread that computes has had its
/// turn, which is milliseconds long (sched_setattr(2), <c>sched_runtime</c> under <c>SCHED_OTHER</c>). In all it gets no more of the processor than before. A kernel
/// before 6.12 takes no notice.</summary>
internal static partial class ShortTurns
{
    // The least that the kernel takes.
    private const ulong Nanoseconds = 100_000;

    private const int Size = 48;
    private const uint Other = 0;

    /// <summary>Asks for the calling thread, for as long as it lives.</summary>
    /// <returns>Whether the system took it. It is a wish: nothing else depends on it.</returns>
    public static bool Ask()
    {
        if (!OperatingSystem.IsLinux() || NumbersOf(RuntimeInformation.ProcessArchitecture) is not { } numbers)
        {
            return false;
        }
        var attributes = new Attributes();
        // Who runs the process may have given it another policy or another nice value: both stay.
        if (Get(numbers.Get, 0, ref attributes, Size, 0) != 0 || attributes.Policy != Other)
        {
            return false;
        }
        attributes.Size = Size;
        attributes.Runtime = Nanoseconds;
        return Set(numbers.Set, 0, in attributes, 0) == 0;
    }

    // The C library has no function for these in most versions.
    private static (nint Set, nint Get)? NumbersOf(Architecture architecture) => architecture switch
    {
        Architecture.X64 => (314, 315),
        Architecture.Arm64 => (274, 275),
        _ => null,
    };

    [LibraryImport("libc", EntryPoint = "syscall")]
    private static partial nint Get(nint number, int thread, ref Attributes attributes, uint size, uint flags);

    [LibraryImport("libc", EntryPoint = "syscall")]
    private static partial nint Set(nint number, int thread, in Attributes attributes, uint flags);

    [StructLayout(LayoutKind.Sequential)]
    private struct Attributes
    {
        public uint Size;
        public uint Policy;
        public ulong Flags;
        public int Nice;
        public uint Priority;
        public ulong Runtime;
        public ulong Deadline;
        public ulong Period;
    }
}
