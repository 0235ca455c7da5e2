using System.Buffers;
using Grpc.Core;

namespace Anywire.Tcp.Connections;

/// <summary>Puts the messages of one call together that came in several frames. The reading thread adds, whoever has read the message clears; any thread may close it.</summary>
/// <param name="budget">What the parts of all messages of the connection may take.</param>
internal sealed class MessageParts(PartsBudget budget)
{
    private readonly Lock _lock = new();
    private PartsBuffer? _parts;
    private bool _isInUse;
    private bool _isClosed;

    /// <summary>The whole message, when it has come in parts; valid until <see cref="Clear"/>.</summary>
    public ReadOnlySequence<byte> Message => _parts!.Written;

    /// <summary>Adds the payload of a frame.</summary>
    /// <param name="payload">What came.</param>
    /// <param name="isLast">Whether it ends the message.</param>
    /// <param name="limit">The most bytes of a message.</param>
    /// <param name="message">The whole message; valid until <see cref="Clear"/>. Empty as long as there is more to come.</param>
    /// <returns>Why the message cannot be taken: nothing of it is kept then. Null when it is.</returns>
    public Refusal? Add(ReadOnlyMemory<byte> payload, bool isLast, int limit, out ReadOnlySequence<byte> message)
    {
        lock (_lock)
        {
            message = default;
            var size = (_parts?.Count ?? 0) + payload.Length;
            if (size > limit)
            {
                Drop();
                return new Refusal(size);
            }
            if (isLast && _parts is null)
            {
                message = new ReadOnlySequence<byte>(payload);
                return null;
            }
            if (_isClosed || !budget.TryTake(payload.Length))
            {
                Drop();
                return new Refusal(0);
            }
            _parts ??= new PartsBuffer();
            _parts.Add(payload.Span);
            if (isLast)
            {
                message = _parts.Written;
                _isInUse = true;
            }
            return null;
        }
    }

    /// <summary>The whole message was used.</summary>
    public void Clear()
    {
        lock (_lock)
        {
            Drop();
        }
    }

    /// <summary>Nobody wants more of it.</summary>
    public void Close()
    {
        lock (_lock)
        {
            _isClosed = true;
            if (!_isInUse)
            {
                Drop();
            }
        }
    }

    private void Drop()
    {
        if (_parts is not null)
        {
            budget.Give(_parts.Count);
            _parts.Dispose();
        }
        (_parts, _isInUse) = (null, false);
    }

    /// <summary>Why a message is not taken.</summary>
    /// <param name="Size">How many bytes it has at least, more than its contract allows; 0 when the connection has no room for more of such messages.</param>
    public readonly record struct Refusal(int Size)
    {
        /// <summary>As its caller may know it.</summary>
        public RpcException For(IMethod method, string what, int limit) => new(new Status(
            StatusCode.ResourceExhausted,
            Size > 0
                ? $"The {what} of {method.FullName} has {Size:N0} bytes or more; at most {limit:N0} are allowed."
                : $"Too many large messages are under way over one connection to take the {what} of {method.FullName}. Try again in a moment."));
    }
}
