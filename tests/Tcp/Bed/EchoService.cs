using System.Globalization;
using Grpc.Core;

namespace Anywire.Tcp.Tests.Bed;

/// <summary>Says what it is told, unless a test has it do something else first.</summary>
internal sealed class EchoService : Echo.EchoBase
{
    private int _linesWritten;
    private int _said;

    /// <summary>How many lines <c>Lines</c> could write so far.</summary>
    public int LinesWritten => Volatile.Read(ref _linesWritten);

    /// <summary>What <c>Say</c> does before it answers.</summary>
    public Func<Line, ServerCallContext, Task> Before { get; set; } = static (_, _) => Task.CompletedTask;

    /// <summary>What <c>Lines</c> does instead of what it is told; null: nothing.</summary>
    public Func<IServerStreamWriter<Line>, Task>? Write { get; set; }

    /// <summary>What <c>Count</c> does before it counts, or instead when a reply comes of it; null: nothing.</summary>
    public Func<IAsyncStreamReader<Line>, ServerCallContext, Task<Line?>>? Read { get; set; }

    /// <summary>How often <c>Say</c> was called so far.</summary>
    public int Said => Volatile.Read(ref _said);

    public override Task<Line> Say(Line request, ServerCallContext context)
    {
        Interlocked.Increment(ref _said);
        var before = Before(request, context);
        return before.IsCompletedSuccessfully ? Task.FromResult(request) : AfterAsync(before, request);
    }

    public override Task<Line> Little(Line request, ServerCallContext context) => Task.FromResult(request);

    public override async Task Lines(Line request, IServerStreamWriter<Line> responseStream, ServerCallContext context)
    {
        if (Write is { } write)
        {
            await write(responseStream);
            return;
        }
        for (var i = int.Parse(request.Text, CultureInfo.InvariantCulture); i > 0; i--)
        {
            await responseStream.WriteAsync(new Line { Body = request.Body }, context.CancellationToken);
            Interlocked.Increment(ref _linesWritten);
        }
    }

    public override async Task<Line> Count(IAsyncStreamReader<Line> requestStream, ServerCallContext context)
    {
        if (Read is { } read && await read(requestStream, context) is { } reply)
        {
            return reply;
        }
        var count = 0;
        await Before(new Line(), context);
        while (await requestStream.MoveNext(context.CancellationToken))
        {
            count++;
        }
        return new Line { Text = $"{count}" };
    }

    private static async Task<Line> AfterAsync(Task before, Line request)
    {
        await before;
        return request;
    }
}
