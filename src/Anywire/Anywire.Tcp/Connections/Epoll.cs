using System.Collections.Concurrent;
using System.ComponentModel;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Anywire.Tcp.Connections;

/// <summary>Linux' event queue (epoll(7)), for sockets that wait. A socket that .NET has waited for once wakes .NET's own event thread with all that
/// ever comes, even while another thread waits for it: on a connection with a reading thread that is one wake-up too many for each batch. Here nothing
/// wakes for a socket that nobody waits for. Any thread may use it.</summary>
internal sealed partial class Epoll
{
    private const int CloseOnExec = 0x80000;
    private const int Add = 1;
    private const int Modify = 3;
    private const uint Readable = 0x001;
    private const uint Writable = 0x004;
    private const uint OneShot = 1u << 30;
    private const uint Broken = 0x008 | 0x010;
    private const int Interrupted = 4;
    private const int MaxEvents = 256;

    private static readonly Retried<Epoll> Shared = new(static () => new Epoll());

    private readonly ConcurrentDictionary<ulong, Interest> _interests = new();
    private readonly int _queue;
    private long _lastKey;

    private Epoll()
    {
        _queue = CreateQueue(CloseOnExec);
        if (_queue < 0)
        {
            throw new SocketException(Marshal.GetLastPInvokeError());
        }
        using var unused = new SafeFileHandle(_queue, ownsHandle: true);
        new Thread(Run) { IsBackground = true, Name = "Anywire TCP events" }.UnsafeStart();
        unused.SetHandleAsInvalid();
    }

    /// <summary>Whether this system has it.</summary>
    public static bool IsSupported => OperatingSystem.IsLinux();

    // On x64 the kernel's structure is packed.
    private static int EventSize => RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 12 : 16;

    private static int DataOffset => EventSize - 8;

    /// <summary>What waits for a socket; dispose it before the socket.</summary>
    public static Interest Of(Socket socket) => new(Shared.Value, socket);

    private void Run()
    {
        Span<byte> events = stackalloc byte[MaxEvents * EventSize];
        while (true)
        {
            var count = Wait(_queue, ref MemoryMarshal.GetReference(events), MaxEvents, Timeout.Infinite);
            if (count < 0 && Marshal.GetLastPInvokeError() != Interrupted)
            {
                throw new SocketException(Marshal.GetLastPInvokeError());
            }
            for (var i = 0; i < count; i++)
            {
                var one = events.Slice(i * EventSize, EventSize);
                if (_interests.TryGetValue(BitConverter.ToUInt64(one[DataOffset..]), out var interest))
                {
                    interest.OnEvent(BitConverter.ToUInt32(one));
                }
            }
        }
    }

    [LibraryImport("libc", EntryPoint = "epoll_create1", SetLastError = true)]
    private static partial int CreateQueue(int flags);

    [LibraryImport("libc", EntryPoint = "epoll_ctl", SetLastError = true)]
    private static partial int Control(int queue, int operation, int file, ref byte wanted);

    [LibraryImport("libc", EntryPoint = "epoll_wait", SetLastError = true)]
    private static partial int Wait(int queue, ref byte events, int max, int timeout);

    /// <summary>One socket's. One thread at a time waits to read, one to write.</summary>
    internal sealed class Interest : IDisposable
    {
        private readonly Epoll _epoll;
        private readonly Socket _socket;
        private readonly ulong _key;
        private readonly Lock _lock = new();
        private TaskCompletionSource? _reader;
        private TaskCompletionSource? _writer;
        private bool _isReaderHeld;
        private bool _isWriterHeld;
        private bool _isKnown;
        private bool _isDisposed;
        private volatile IOException? _failure;

        public Interest(Epoll epoll, Socket socket)
        {
            (_epoll, _socket, _key) = (epoll, socket, (ulong)Interlocked.Increment(ref epoll._lastKey));
            epoll._interests.TryAdd(_key, this);
        }

        /// <summary>Completes when something can be read, or the connection has ended; fails with <see cref="IOException"/> when the system cannot wait for the socket.</summary>
        /// <param name="isShort">Whether what follows is short, so that the event thread itself may do it: it then needs no thread of the pool, which may have none free.</param>
        /// <param name="isHeld">Whether it begins with <see cref="Begin"/> only: an event that comes while the calling thread is still saying what is to go on would have
        /// that go on by the pool.</param>
        /// <param name="cancellationToken">Gives up.</param>
        public Task ReadableAsync(bool isShort, bool isHeld, CancellationToken cancellationToken) =>
            Waiting(ref _reader, ref _isReaderHeld, isShort, isHeld).WaitAsync(cancellationToken);

        /// <summary>As <see cref="ReadableAsync"/>, when something can be written.</summary>
        /// <param name="isShort">As with <see cref="ReadableAsync"/>.</param>
        /// <param name="isHeld">As with <see cref="ReadableAsync"/>.</param>
        /// <param name="cancellationToken">Gives up.</param>
        public Task WritableAsync(bool isShort, bool isHeld, CancellationToken cancellationToken) =>
            Waiting(ref _writer, ref _isWriterHeld, isShort, isHeld).WaitAsync(cancellationToken);

        /// <summary>Begins to wait to read or to write, which was held.</summary>
        public void Begin(bool toWrite)
        {
            lock (_lock)
            {
                (toWrite ? ref _isWriterHeld : ref _isReaderHeld) = false;
            }
            Arm();
        }

        public void OnEvent(uint events)
        {
            TaskCompletionSource? reader = null;
            TaskCompletionSource? writer = null;
            lock (_lock)
            {
                if ((events & (Readable | Broken)) != 0)
                {
                    (reader, _reader) = (_reader, null);
                }
                if ((events & (Writable | Broken)) != 0)
                {
                    (writer, _writer) = (_writer, null);
                }
            }
            // Each event disarms it.
            Arm();
            Tell(reader);
            Tell(writer);
        }

        public void Dispose()
        {
            lock (_lock)
            {
                _isDisposed = true;
            }
            _epoll._interests.TryRemove(_key, out _);
            OnEvent(Broken);
        }

        private Task Waiting(ref TaskCompletionSource? waiting, ref bool held, bool isShort, bool isHeld)
        {
            Task task;
            lock (_lock)
            {
                if (_isDisposed)
                {
                    // Whose socket is open reads or writes nothing in vain, and would ask again without end.
                    return _failure is { } failure ? Task.FromException(failure) : Task.CompletedTask;
                }
                waiting ??= new TaskCompletionSource(isShort ? TaskCreationOptions.None : TaskCreationOptions.RunContinuationsAsynchronously);
                held = isHeld;
                task = waiting.Task;
            }
            if (!isHeld)
            {
                Arm();
            }
            return task;
        }

        private void Tell(TaskCompletionSource? waiting)
        {
            if (_failure is not { } failure)
            {
                waiting?.TrySetResult();
            }
            else if (waiting?.TrySetException(failure) == true)
            {
                // Seen, though whoever waited may have given up.
                _ = waiting.Task.Exception;
            }
        }

        /// <summary>Asks for the events that somebody waits for. A socket that is closed has them all: who waits finds out when it reads or writes.</summary>
        private void Arm()
        {
            bool isArmed;
            lock (_lock)
            {
                var wanted = (_reader is null || _isReaderHeld ? 0 : Readable) | (_writer is null || _isWriterHeld ? 0 : Writable);
                isArmed = wanted == 0 || _isDisposed || TryArm(wanted);
            }
            if (!isArmed)
            {
                Dispose();
            }
        }

        // Under the lock.
        private bool TryArm(uint wanted)
        {
            Span<byte> change = stackalloc byte[EventSize];
            BitConverter.TryWriteBytes(change, wanted | OneShot);
            BitConverter.TryWriteBytes(change[DataOffset..], _key);
            var handle = _socket.SafeHandle;
            var isHeld = false;
            try
            {
                handle.DangerousAddRef(ref isHeld);
                if (Control(_epoll._queue, _isKnown ? Modify : Add, (int)handle.DangerousGetHandle(), ref MemoryMarshal.GetReference(change)) != 0)
                {
                    // The kernel has no room for one more, for instance.
                    var error = Marshal.GetLastPInvokeError();
                    _failure = new IOException($"The system cannot wait for the socket: {Marshal.GetPInvokeErrorMessage(error)}.", new Win32Exception(error));
                    return false;
                }
                _isKnown = true;
                return true;
            }
            catch (ObjectDisposedException)
            {
                return false;
            }
            finally
            {
                if (isHeld)
                {
                    handle.DangerousRelease();
                }
            }
        }
    }
}
