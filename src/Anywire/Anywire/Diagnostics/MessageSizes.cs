using System.Diagnostics.Metrics;
using Grpc.Core;

namespace Anywire.Diagnostics;

/// <summary>Records how many bytes the messages of one method have as a wire carries them, before its framing, encryption and compression. For
/// transports: they alone know. Each message is recorded where it is sent and where it is received. Any thread may use it.</summary>
public sealed class MessageSizes
{
    private readonly Histogram<long> _requests;
    private readonly Histogram<long> _responses;
    private readonly IMethod _method;
    private readonly string _wire;

    private MessageSizes(Histogram<long> requests, Histogram<long> responses, IMethod method, string wire) =>
        (_requests, _responses, _method, _wire) = (requests, responses, method, wire);

    /// <summary>Whether somebody listens: a size that is not at hand need not be found out otherwise.</summary>
    public bool IsRecording => _requests.Enabled || _responses.Enabled;

    /// <summary>As the caller of a method sees them.</summary>
    /// <param name="method">The method.</param>
    /// <param name="wire">The name that the transport's traits have.</param>
    public static MessageSizes OfClient(IMethod method, string wire) =>
        new(CallMetrics.ClientRequestSize, CallMetrics.ClientResponseSize, method, wire);

    /// <summary>As the handler of a method sees them.</summary>
    /// <param name="method">The method.</param>
    /// <param name="wire">The name that the transport's traits have.</param>
    public static MessageSizes OfServer(IMethod method, string wire) =>
        new(CallMetrics.ServerRequestSize, CallMetrics.ServerResponseSize, method, wire);

    /// <summary>One request message.</summary>
    public void Request(long bytes) => Record(_requests, bytes);

    /// <summary>One response message.</summary>
    public void Response(long bytes) => Record(_responses, bytes);

    private void Record(Histogram<long> sizes, long bytes)
    {
        // Apart, for what catches is never inlined.
        if (sizes.Enabled)
        {
            Tell(sizes, bytes);
        }
    }

    private void Tell(Histogram<long> sizes, long bytes)
    {
        try
        {
            sizes.Record(bytes, CallMetrics.TagsOf(_method, _wire));
        }
        catch (Exception error)
        {
            CallMetrics.Failed(error);
        }
    }
}
