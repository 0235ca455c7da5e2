using Anywire.Messaging.Format;
using Grpc.Core;

namespace Anywire.Messaging.Server;

/// <summary>One call that is being handled: what it sends, and the credit that bounds it. Any thread may use it.</summary>
internal sealed class RunningCall
{
    private readonly Lock _lock = new();
    private readonly IServerLink _link;
    private readonly MessageReader _request;
    private readonly RequestHead _head;
    private readonly string _replyTo;
    private long _credit;
    private TaskCompletionSource? _creditCame;
    private uint _items;
    private Metadata? _headers;
    private bool _hasBegun;
    private bool _hasEnded;

    public RunningCall(MessageReader request, RequestHead head, string replyTo, IServerLink link, TimeProvider time)
    {
        (_request, _head, _replyTo, _link, _credit) = (request, head, replyTo, link, head.Credit);
        Context = new BrokerCallContext(this, head, request.Sender, time);
    }

    public CallId Id => _request.Call;

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
    public async Task SendItemAsync<T>(Marshaller<T> marshaller, T message, int maxBytes, Action<long> onSize, CancellationToken cancellationToken)
        where T : class
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
                if (_credit > 0)
                {
                    break;
                }
                _creditCame ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                came = _creditCame.Task;
            }
            await came.WaitAsync(cancellationToken);
        }
        cancellationToken.ThrowIfCancellationRequested();
        var item = Begin(MessageKind.Item).UInt32(_items).Body(marshaller, message);
        if (item.BodyLength > maxBytes)
        {
            throw new RpcException(TooLarge(item.BodyLength, maxBytes));
        }
        onSize(item.BodyLength);
        lock (_lock)
        {
            _items++;
            _credit -= item.BodyLength + StreamCost.PerItem;
        }
        await _link.ReplyAsync(_replyTo, item.Written);
    }

    /// <summary>Takes credit that the caller has given.</summary>
    public void AddCredit(uint bytes)
    {
        lock (_lock)
        {
            _credit += bytes;
            _creditCame?.TrySetResult();
            _creditCame = null;
        }
    }

    /// <summary>Tells the caller how the call ended, with its reply; the first end counts.</summary>
    /// <exception cref="RpcException">RESOURCE_EXHAUSTED: the reply is larger than the contract allows. The call has not ended.</exception>
    public Task EndAsync<T>(Status status, Metadata trailers, Marshaller<T> marshaller, T reply, int maxBytes, Action<long> onSize)
        where T : class
    {
        var message = BeginEnd(status, trailers, hasReply: true).Body(marshaller, reply);
        if (message.BodyLength > maxBytes)
        {
            throw new RpcException(TooLarge(message.BodyLength, maxBytes));
        }
        onSize(message.BodyLength);
        return SendEndAsync(message);
    }

    /// <summary>The same without a reply.</summary>
    public Task EndAsync(Status status, Metadata trailers) => SendEndAsync(BeginEnd(status, trailers, hasReply: false));

    private Status TooLarge(int size, int limit) =>
        new(StatusCode.ResourceExhausted, $"The reply of {_head.Method} has {size:N0} bytes; at most {limit:N0} are allowed.");

    private MessageWriter BeginEnd(Status status, Metadata trailers, bool hasReply)
    {
        var message = Begin(MessageKind.End);
        lock (_lock)
        {
            new CallEnd(status, trailers, _items, hasReply).Write(message);
        }
        return message;
    }

    private async Task SendEndAsync(MessageWriter message)
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
        await _link.ReplyAsync(_replyTo, message.Written);
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
        await _link.ReplyAsync(_replyTo, message.Written);
    }

    private MessageWriter Begin(MessageKind kind) => new(kind, Id, _request.Receiver, _request.Sender);
}
