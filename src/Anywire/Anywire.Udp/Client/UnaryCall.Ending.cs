using Anywire.Client;
using Grpc.Core;

namespace Anywire.Udp.Client;

internal sealed partial class UnaryCall<TRequest, TResponse>
{
    // What becomes of it: an attempt is under way; one has failed, and perhaps there is to be another; it has ended.
    private const int UnderWay = 0;
    private const int Between = 1;
    private const int Ended = 2;

    private CancellationTokenSource? _waiting;
    private AttemptedCall _attempts;
    private int _state;

    private void TrySucceed(Status status, Metadata? trailers, TResponse reply)
    {
        if (Interlocked.CompareExchange(ref _state, Ended, UnderWay) == UnderWay)
        {
            Release();
            End(status, trailers, failure: null);
            _reply.TrySetResult(reply);
        }
    }

    private void Fail(Status status, Metadata? trailers, bool inline)
    {
        if (Interlocked.CompareExchange(ref _state, Between, UnderWay) != UnderWay)
        {
            return;
        }
        var failure = new RpcException(status, trailers ?? []);
        if (_attempts.Next(_method, _known.Contract, ref failure, _deadline) is { } wait)
        {
            _ = TryAgainAsync(wait);
        }
        else if (Interlocked.CompareExchange(ref _state, Ended, Between) == Between)
        {
            End(status, failure.Trailers, failure);
            if (inline)
            {
                _reply.TrySetException(failure);
            }
            else
            {
                FailLater(failure);
            }
        }
    }

    private async Task TryAgainAsync(TimeSpan wait)
    {
        var waiting = new CancellationTokenSource();
        Volatile.Write(ref _waiting, waiting);
        Interlocked.MemoryBarrier();
        if (Volatile.Read(ref _state) == Between)
        {
            await Task.Delay(wait, _client.Options.Time, waiting.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        _headers = null;
        _refusals = 0;
        HoldAnother();
        if (Interlocked.CompareExchange(ref _state, UnderWay, Between) == Between)
        {
            Send(_client.Options.Time.GetTimestamp());
        }
    }

    private void FailLater(RpcException failure) =>
        ThreadPool.UnsafeQueueUserWorkItem(static f => f._reply.TrySetException(f.failure), (_reply, failure), preferLocal: false);

    private void End(Status status, Metadata? trailers, RpcException? failure)
    {
        (_status, _trailers) = (status, trailers);
        _hasEnded = true;
        TellHeaders();
        _onCancel.Unregister();
        _attempts.End(_method, failure);
    }

    private void TellHeaders()
    {
        Interlocked.MemoryBarrier();
        _headersWanted?.TrySetResult(_headers ?? []);
    }
}
