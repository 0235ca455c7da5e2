using Grpc.Core;

namespace Anywire.Client;

/// <summary>How one streaming call went, as its caller saw it. Any thread may use it.</summary>
internal sealed class StreamRecord(ClientInvoker client, IMethod method)
{
    private readonly long _startedAt = client.Now();
    private int _ended;

    /// <summary>The call has failed.</summary>
    public void Fail(RpcException error)
    {
        RemoteFailure.Mark(error, method);
        End(error.StatusCode);
    }

    /// <summary>The call has ended; only the first end counts.</summary>
    public void End(StatusCode status)
    {
        if (Interlocked.Exchange(ref _ended, 1) == 0)
        {
            client.Record(method, status, _startedAt);
        }
    }
}
