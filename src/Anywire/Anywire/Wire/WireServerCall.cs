using Grpc.Core;

namespace Anywire.Wire;

/// <summary>The handler's side of one call: takes the frames that arrive while the handler runs, and sends the status when it is done.</summary>
internal sealed class WireServerCall(WireEnd end)
{
    public WireEnd End => end;

    /// <summary>Where arriving requests go; set by the method's handler before any frame is read.</summary>
    public Action<byte[]>? OnMessage { get; set; }

    /// <summary>Told when no more requests come: null, or why.</summary>
    public Action<RpcException?>? OnEnd { get; set; }

    public async Task RunAsync(WireHandler handler, WireCallContext context)
    {
        var receiving = ReceiveAsync(context);
        RpcException? failure = null;
        try
        {
            await handler(this, context);
        }
        catch (RpcException known)
        {
            failure = known;
        }
        catch (OperationCanceledException)
        {
            failure = new RpcException(context.EarlyEnd);
        }
        catch (Exception)
        {
            // The waist turns whatever a handler throws into an answer; this is what went wrong on the way to it and back.
            failure = new RpcException(new Status(StatusCode.Internal, "The call could not be carried to its handler and back."));
        }
        finally
        {
            context.Finish();
        }
        foreach (var trailer in failure?.Trailers ?? [])
        {
            context.ResponseTrailers.Add(trailer);
        }
        context.SendHeaders();
        end.Send(FrameKind.Trailers, WireHead.Trailers(failure?.Status ?? context.Status, context.ResponseTrailers));
        end.Close();
        end.StopReceiving();
        await receiving;
    }

    private async Task ReceiveAsync(WireCallContext context)
    {
        while (await end.ReceiveAsync() is { } frame)
        {
            switch (frame.Kind)
            {
                case FrameKind.Message:
                    OnMessage?.Invoke(frame.Payload);
                    break;
                case FrameKind.HalfClose:
                    OnEnd?.Invoke(null);
                    break;
                case FrameKind.Window:
                    end.AddCredit(frame.Payload);
                    break;
                case FrameKind.Cancel:
                    context.Cancel();
                    OnEnd?.Invoke(new RpcException(context.EarlyEnd));
                    return;
            }
        }
        context.Cancel();
        OnEnd?.Invoke(new RpcException(context.EarlyEnd));
    }
}
