using Anywire.Diagnostics;
using Anywire.Udp.Format;
using Grpc.Core;

namespace Anywire.Udp.Server;

/// <summary>Runs calls of one method.</summary>
internal abstract class MethodHandler(string fullName)
{
    public string FullName => fullName;

    /// <summary>Reads a request, which is not looked at after this, runs the handler, and answers when it has ended.</summary>
    /// <exception cref="MalformedMessageException">The body is no request of the method; the call has been answered.</exception>
    public abstract void Run(ServerCall call, MessageReader body);

    /// <summary>Answers a call that has failed.</summary>
    public static void Fail(ServerCall call, Status status, Metadata? trailers)
    {
        call.Finish();
        if (call.IsEvent)
        {
            return;
        }
        var writer = new MessageWriter();
        writer.Failure(call.Id, status, call.Headers, trailers);
        Answer(call, writer);
    }

    /// <summary>Answers a call that something went wrong with on the way to its handler or back; what the handler itself throws the waist turns into an answer.</summary>
    public static void FailOnTheWay(ServerCall call) =>
        Fail(call, new Status(StatusCode.Internal, "The call could not be carried to its handler and back."), null);

    protected static void Answer(ServerCall call, MessageWriter writer)
    {
        var answer = writer.Finish().ToArray();
        call.Session.Calls.End(call.Id, answer);
        call.Session.Add(answer);
    }
}

/// <summary>The same for its types.</summary>
internal sealed class MethodHandler<TRequest, TResponse>(
    Method<TRequest, TResponse> method, MethodContract contract, UnaryServerMethod<TRequest, TResponse> handler) : MethodHandler(method.FullName)
    where TRequest : class
    where TResponse : class
{
    private readonly MessageSizes _sizes = MessageSizes.OfServer(method, UdpTransport.WireName);

    public override void Run(ServerCall call, MessageReader body)
    {
        TRequest request;
        try
        {
            request = Read(body);
        }
        catch (RpcException tooLarge)
        {
            Fail(call, tooLarge.Status, null);
            return;
        }
        catch (MalformedMessageException)
        {
            Fail(call, new Status(StatusCode.Internal, $"The request of {method.FullName} cannot be read."), null);
            throw;
        }
        body.Release();
        Task<TResponse> running;
        try
        {
            running = handler(request, call);
        }
        catch (Exception error)
        {
            running = Task.FromException<TResponse>(error);
        }
        if (running.IsCompletedSuccessfully)
        {
            End(call, running.Result);
            return;
        }
        _ = FinishAsync(call, running);
    }

    private async Task FinishAsync(ServerCall call, Task<TResponse> running)
    {
        try
        {
            await AnswerAsync(call, running);
        }
        catch (Exception)
        {
            // Something that the handler has left running changes the trailers, for instance, while they are written.
            FailOnTheWay(call);
        }
    }

    private TRequest Read(MessageReader body)
    {
        if (body.Left > contract.MaxRequestBytes)
        {
            throw RpcErrors.TooLarge(method, "request", body.Left, contract.MaxRequestBytes);
        }
        _sizes.Request(body.Left);
        return body.Body(method.RequestMarshaller);
    }

    private async Task AnswerAsync(ServerCall call, Task<TResponse> running)
    {
        TResponse reply;
        try
        {
            reply = await running;
        }
        catch (RpcException error)
        {
            Fail(call, error.Status, Joined(call.Trailers, error.Trailers));
            return;
        }
        catch (Exception)
        {
            FailOnTheWay(call);
            return;
        }
        End(call, reply);
    }

    private void End(ServerCall call, TResponse reply)
    {
        if (call.IsEvent)
        {
            call.Finish();
            return;
        }
        if (call.Status.StatusCode != StatusCode.OK)
        {
            Fail(call, call.Status, call.Trailers);
            return;
        }
        if (contract.ReturnsEmpty && call.Headers is null && call.Trailers is null && string.IsNullOrEmpty(call.Status.Detail))
        {
            call.Finish();
            _sizes.Response(0);
            call.Session.Calls.End(call.Id, null);
            call.Session.Add(call.Id, static (writer, id) => writer.OfCall(MessageKind.Handled, id));
            return;
        }
        Reply(call, reply);
    }

    private void Reply(ServerCall call, TResponse reply)
    {
        var writer = new MessageWriter();
        try
        {
            writer.End(call.Id, call.Status, call.Headers, call.Trailers, hasReply: true).Body(method.ResponseMarshaller, reply);
        }
        catch (RpcException unfit)
        {
            Fail(call, unfit.Status, null);
            return;
        }
        catch (Exception)
        {
            Fail(call, new Status(StatusCode.Internal, $"The reply of {method.FullName} cannot be written."), null);
            return;
        }
        if (writer.BodyLength > contract.MaxReplyBytes)
        {
            Fail(call, RpcErrors.TooLarge(method, "reply", writer.BodyLength, contract.MaxReplyBytes).Status, call.Trailers);
            return;
        }
        if (!writer.Fits)
        {
            Fail(call, Unfit.Because(method, "reply", writer.Length).Status, null);
            return;
        }
        call.Finish();
        _sizes.Response(writer.BodyLength);
        Answer(call, writer);
    }

    private static Metadata? Joined(Metadata? first, Metadata second)
    {
        if (first is null)
        {
            return second;
        }
        var all = new Metadata();
        foreach (var entry in first.Concat(second))
        {
            all.Add(entry);
        }
        return all;
    }
}
