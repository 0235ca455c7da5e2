using System.Collections.Concurrent;
using Google.Protobuf;
using Grpc.Core;

namespace Anywire.InProcess;

/// <summary>Finds messages that were changed after they were handed over: keeps the bytes of the newest ones and compares them again, while and
/// after their call. Only protobuf messages are checked. Any thread.</summary>
internal sealed class HandOverCheck
{
    private const int Kept = 512;

    private readonly ConcurrentQueue<HandedOver> _kept = new();
    private RpcException? _found;

    /// <summary>Remembers a message as it is at this moment.</summary>
    public HandedOver? Note(IMethod method, string what, object? message)
    {
        if (message is not IMessage protobuf)
        {
            return null;
        }
        var note = new HandedOver(method.FullName, what, protobuf, protobuf.ToByteArray());
        _kept.Enqueue(note);
        if (_kept.Count > Kept && _kept.TryDequeue(out var oldest) && oldest.Change() is { } change)
        {
            Interlocked.CompareExchange(ref _found, change, null);
        }
        return note;
    }

    /// <summary>What is wrong with any message handed over so far; null when nothing is. Each change is told once.</summary>
    public RpcException? FindChange()
    {
        var found = Interlocked.Exchange(ref _found, null);
        for (var left = _kept.Count; left > 0 && _kept.TryDequeue(out var note); left--)
        {
            if (note.Change() is { } change)
            {
                found ??= change;
            }
            else
            {
                _kept.Enqueue(note);
            }
        }
        return found;
    }

    internal sealed record HandedOver(string Method, string What, IMessage Message, byte[] Before)
    {
        public RpcException? Change() => IsAsItWas()
            ? null
            : new RpcException(new Status(
                StatusCode.Internal,
                $"The {What} of {Method} was changed after it had been handed over. In process messages are not copied: clone one before you change it."));

        private bool IsAsItWas()
        {
            try
            {
                return Message.ToByteArray().AsSpan().SequenceEqual(Before);
            }
            catch (Exception)
            {
                // A message that cannot even be written is being changed at this moment.
                return false;
            }
        }
    }
}
