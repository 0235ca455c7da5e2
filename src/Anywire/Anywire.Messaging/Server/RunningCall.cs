using Anywire.Messaging.Format;
using Anywire.Messaging.Sealing;
using Grpc.Core;
using Microsoft.Extensions.Logging;

namespace Anywire.Messaging.Server;

/// <summary>One call that is being handled: what it sends, and the credit that bounds it. Any thread may use it.</summary>
internal sealed class RunningCall
{
    private readonly Lock _lock = new();
    private readonly IServerLink _link;
    private readonly MessageReader _request;
    private readonly RequestHead _head;
    private readonly string _replyTo;
    private readonly SealKey? _key;
    private ulong _granted;
    private ulong _sent;
    private TaskCompletionSource? _creditCame;
    private uint _items;
    private Metadata? _headers;
    private bool _hasBegun;
    private bool _hasEnded;

    public RunningCall(MessageReader request, RequestHead head, string replyTo, IServerLink link, SealKey? key, TimeProvider time, ILoggerFactory loggers)
    {
        (_request, _head, _replyTo, _link, _key, _granted) = (request, head, replyTo, link, key, (uint)head.Credit);
        Context = new BrokerCallContext(this, head, request.Sender, time, loggers);
    }

    public CallId Id => _request.Call;

    /// <summary>The service that calls.</summary>
    public string Caller => _request.Sender;

    public string Method => _head.Method;

    public BrokerCallContext Context { get; }

    /// <summary>Sends the response headers now; without this they are empty, and cost no message of their own.</summary>
    public Task SendHeadersAsync(Metadata headers)
    {
        lock (_lock)
        {
            if (_headers is not null || _hasBegun)
            {
                throw new InvalidOperationException("Response headers can be sent only once, and before the first message.");
            }
            _headers = headers;
        }
        return BeginAsync();
    }

    /// <summary>Sends a message of the stream once there is credit for it; a message larger than what is left may overdraw it.</summary>
    /// <param name="write">Writes the message behind what an item begins with.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    public async Task SendItemAsync(Func<MessageWriter, MessageWriter> write, CancellationToken cancellationToken)
    {
        await BeginAsync();
        while (true)
        {
            Task came;
            lock (_lock)
            {
                if (_hasEnded)
                {
                    throw new RpcException(Context.EarlyEnd);
                }
                if (_sent < _granted)
                {
                    break;
                }
                _creditCame ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                came = _creditCame.Task;
            }
            await came.WaitAsync(cancellationToken);
        }
        cancellationToken.ThrowIfCancellationRequested();
        var item = write(Begin(MessageKind.Item).UInt32(_items));
        lock (_lock)
        {
            _items++;
            _sent += (uint)(item.BodyLength + StreamCost.PerItem);
        }
        await _link.ReplyAsync(_replyTo, item.Finish());
    }

    /// <summary>The caller has said how much may have been sent in all; being told it twice changes nothing.</summary>
    public void Grant(ulong bytes)
    {
        lock (_lock)
        {
            _granted = Math.Max(_granted, bytes);
            _creditCame?.TrySetResult();
            _creditCame = null;
        }
    }

    /// <summary>Begins what tells the caller that all went well, for the reply to be written behind it.</summary>
    public MessageWriter BeginReply(Metadata trailers) => BeginEnd(Status.DefaultSuccess, trailers, hasReply: true);

    /// <summary>Tells the caller how the call ended, without a reply; the first end counts.</summary>
    public Task EndAsync(Status status, Metadata trailers) => EndAsync(BeginEnd(status, trailers, hasReply: false));

    /// <summary>The same with what <see cref="BeginReply"/> began.</summary>
    public async Task EndAsync(MessageWriter end)
    {
        lock (_lock)
        {
            if (_hasEnded)
            {
                return;
            }
            _hasEnded = true;
            _creditCame?.TrySetResult();
        }
        await _link.ReplyAsync(_replyTo, end.Finish());
    }

    private MessageWriter BeginEnd(Status status, Metadata trailers, bool hasReply)
    {
        var message = Begin(MessageKind.End);
        lock (_lock)
        {
            new CallEnd(status, trailers, _items, hasReply).Write(message);
        }
        return message;
    }

    private async Task BeginAsync()
    {
        MessageWriter message;
        lock (_lock)
        {
            if (_hasBegun)
            {
                return;
            }
            _hasBegun = true;
            message = Begin(MessageKind.Begin).Name(_link.ControlAddress).Metadata(_headers);
        }
        await _link.ReplyAsync(_replyTo, message.Finish());
    }

    private MessageWriter Begin(MessageKind kind) => new(kind, Id, _request.Receiver, _request.Sender, _key);
}
