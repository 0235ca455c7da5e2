namespace Anywire.Http.Client;

/// <summary>An HTTP request that still knows which method it calls: a target tells that to the server only.</summary>
internal sealed class MethodRequest(HttpMethod verb, Uri target, string called) : HttpRequestMessage(verb, target)
{
    /// <summary>The method's full name.</summary>
    public string Called => called;
}
