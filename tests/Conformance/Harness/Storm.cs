using System.Collections.Concurrent;
using Grpc.Core;

namespace Anywire.Conformance;

/// <summary>Calls of all kinds that a wire carries, 64 at a time, which are answered, refused, given up and overdue as chance has it. Each must end within
/// seconds of its time, as it may, and with what is its own.</summary>
internal sealed class Storm
{
    private const int Callers = 64;

    // Of a caller whose server is away.
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(5);

    private readonly ConcurrentDictionary<int, bool> _handled = new();
    private readonly ConcurrentDictionary<int, bool> _acknowledged = new();
    private readonly Func<StormCall, CancellationToken, Task>[] _kinds;
    private readonly Calls.CallsClient _calls;
    private readonly TransportTraits _traits;
    private readonly TaskCompletionSource _failed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _begun;
    private int _ended;
    private int _answered;
    private volatile bool _hasAbated;

    /// <summary>Gives the handlers of a stage what they do in a storm.</summary>
    public Storm(Stage stage, TransportTraits traits)
    {
        (_calls, _traits) = (stage.Calls, traits);
        StormHandlers.Give(stage.Handlers, number => _handled[number] = true);
        _kinds =
        [
            AskAsync,
            TellAsync,
            .. Only(CallKinds.ServerStreaming, ReadAsync),
            .. Only(CallKinds.ClientStreaming, WriteAsync),
            .. Only(CallKinds.DuplexStreaming, ConverseAsync),
        ];
    }

    /// <summary>False when the server goes away meanwhile, and calls with it.</summary>
    public bool IsServerSteady { get; init; } = true;

    /// <summary>How many calls have ended.</summary>
    public int Ended => Volatile.Read(ref _ended);

    /// <summary>How many of them were answered.</summary>
    public int Answered => Volatile.Read(ref _answered);

    /// <summary>Blows while something else is done, and then until all its calls have ended; fails with the first that should not have ended so.</summary>
    public async Task BlowAsync(Func<Task> meanwhile)
    {
        var blowing = BlowAsync();
        try
        {
            await meanwhile();
        }
        finally
        {
            _hasAbated = true;
        }
        await blowing;
    }

    private Task BlowAsync() => Task.WhenAll(Enumerable.Range(0, Callers).Select(_ => Task.Run(async () =>
    {
        try
        {
            while (!_hasAbated)
            {
                await MakeAsync(new StormCall(Interlocked.Increment(ref _begun), _traits.MaxMessageBytes));
                // What completes at once must not keep the others from the pool's threads.
                await Task.Yield();
            }
        }
        catch (Exception error)
        {
            _hasAbated = true;
            _failed.TrySetException(error);
            throw;
        }
    })));

    /// <summary>Waits until so many calls have ended.</summary>
    public Task HasEndedAsync(int count) => UntilAsync(() => Ended >= count, $"{count:N0} calls have ended");

    /// <summary>Waits until so many calls have been answered.</summary>
    public Task HasBeenAnsweredAsync(int count) => UntilAsync(() => Answered >= count, $"{count:N0} calls have been answered");

    /// <summary>Whether no event was acknowledged in vain.</summary>
    public bool WasEachEventHandled() => _acknowledged.Keys.All(_handled.ContainsKey);

    private async Task UntilAsync(Func<bool> condition, string what)
    {
        await Wait.UntilAsync(() => condition() || _failed.Task.IsCompleted, what);
        if (_failed.Task.IsCompleted)
        {
            await _failed.Task;
        }
    }

    private async Task MakeAsync(StormCall call)
    {
        using var cancel = new CancellationTokenSource();
        if (call.GivesUpAfter is { } patience)
        {
            cancel.CancelAfter(patience);
        }
        var status = StatusCode.OK;
        try
        {
            await _kinds[call.Kind % _kinds.Length](call, cancel.Token).Soon();
            Interlocked.Increment(ref _answered);
        }
        catch (RpcException error)
        {
            status = error.StatusCode;
            Assert.True(call.MayEndWith(status) || (!IsServerSteady && MayBeLostWith(status)), $"{call} ended with {error.Status}.");
            if (status == StatusCode.Unavailable)
            {
                await Task.Delay(Pause, TimeProvider.System, CancellationToken.None);
            }
        }
        catch (TimeoutException)
        {
            Assert.Fail($"{call} has not ended.");
        }
        Assert.True(status != StatusCode.OK || call.MayEndWith(status), $"{call} was answered.");
        Interlocked.Increment(ref _ended);
        if (call.HoldsUp)
        {
            StormCall.HoldThread();
        }
    }

    // What a broker has brought to one that dies just then is nobody's any more, and its caller learns that from its clock.
    private bool MayBeLostWith(StatusCode status) => status == StatusCode.Unavailable || (status == StatusCode.DeadlineExceeded && _traits.SharesAddresses);

    private async Task AskAsync(StormCall call, CancellationToken cancel)
    {
        using var asked = _calls.UnaryAsync(call.Request, deadline: call.Deadline, cancellationToken: cancel);
        Assert.Equal(call.Request, await asked.ResponseAsync);
    }

    private async Task TellAsync(StormCall call, CancellationToken cancel)
    {
        // However its handler would treat another: a broker has it, and brings again what fails.
        call.MayBeAnswered = true;
        using var told = _calls.AtLeastOnceAsync(call.Request, deadline: call.Deadline, cancellationToken: cancel);
        await told.ResponseAsync;
        _acknowledged[call.Number] = true;
        Assert.True(_traits.AtLeastOnce == Acknowledgement.Accepted || _handled.ContainsKey(call.Number), $"{call} was acknowledged before it was handled.");
    }

    private async Task ReadAsync(StormCall call, CancellationToken cancel)
    {
        using var stream = _calls.ServerStream(call.Request, deadline: call.Deadline, cancellationToken: cancel);
        for (var i = 0; await stream.ResponseStream.MoveNext(CancellationToken.None); i++)
        {
            Assert.Equal((i, call.Request.Body), (stream.ResponseStream.Current.Number, stream.ResponseStream.Current.Body));
            if (call.LeavesAfter == i)
            {
                // Who leaves does not learn more.
                call.MayBeAnswered = true;
                return;
            }
        }
    }

    private async Task WriteAsync(StormCall call, CancellationToken cancel)
    {
        using var stream = _calls.ClientStream(deadline: call.Deadline, cancellationToken: cancel);
        try
        {
            for (var i = 0; i < StormCall.StreamLength; i++)
            {
                await stream.RequestStream.WriteAsync(call.Request.Clone(), CancellationToken.None);
            }
            await stream.RequestStream.CompleteAsync();
        }
        catch (RpcException)
        {
            // The reply says why.
        }
        Assert.Equal(StormCall.StreamLength, (await stream.ResponseAsync).Number);
    }

    private async Task ConverseAsync(StormCall call, CancellationToken cancel)
    {
        using var stream = _calls.Duplex(deadline: call.Deadline, cancellationToken: cancel);
        for (var i = 0; i < StormCall.StreamLength; i++)
        {
            try
            {
                await stream.RequestStream.WriteAsync(call.Request.Clone(), CancellationToken.None);
            }
            catch (RpcException)
            {
                // Reading says why.
            }
            Assert.True(await stream.ResponseStream.MoveNext(CancellationToken.None), $"{call} ended early.");
            Assert.Equal(call.Request, stream.ResponseStream.Current);
            if (call.LeavesAfter == i)
            {
                call.MayBeAnswered = true;
                return;
            }
        }
        await stream.RequestStream.CompleteAsync();
        Assert.False(await stream.ResponseStream.MoveNext(CancellationToken.None));
    }

    private IEnumerable<Func<StormCall, CancellationToken, Task>> Only(CallKinds kind, Func<StormCall, CancellationToken, Task> make) =>
        _traits.CallKinds.HasFlag(kind) ? [make] : [];
}
