using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Anywire.Diagnostics;
using Google.Protobuf;
using Grpc.Core;

namespace Anywire.Conformance;

public abstract partial class ConformanceSuite
{
    private const int SmallestMeasuredBody = 20_000;

    [Theory]
    [InlineData(StatusCode.OK)]
    [InlineData(StatusCode.DataLoss)]
    public async Task Both_sides_record_how_a_call_ended_and_how_long_it_took(StatusCode status)
    {
        var stage = await OpenAsync();
        stage.Handlers.Unary = (item, _) => status == StatusCode.OK
            ? Task.FromResult(item.Clone())
            : throw new RpcException(new Status(status, "Lost."));
        using var client = new Recorded(Wire, "rpc.client.call.duration");
        using var server = new Recorded(Wire, "rpc.server.call.duration");
        Task[] calls = [stage.Calls.UnaryAsync(new Item()).ResponseAsync, stage.Calls.IdempotentAsync(new Item()).ResponseAsync];
        await Task.WhenAny(Task.WhenAll(calls)).Soon();
        var name = StatusCodeName.Of(status);
        Assert.Equal((name, status == StatusCode.OK ? null : name), Assert.Single(client.Own, m => m.Method == "anywire.conformance.Calls/Unary").Outcome);
        Assert.Single(client.Own, m => m.Method == "anywire.conformance.Calls/Idempotent");
        Assert.All(client.Own, m => Assert.InRange(m.Value, 0, 60));
        // The handler's side is counted when its answer is on its way: it may be after the caller has it.
        await Wait.UntilAsync(
            () => server.All.Any(m => m.Method == "anywire.conformance.Calls/Unary" && m.Outcome.Status == name), "the server has recorded it");
    }

    [Fact]
    public async Task A_stream_is_recorded_once_at_its_end()
    {
        Needs(CallKinds.ServerStreaming);
        var stage = await OpenAsync();
        stage.Handlers.ServerStream = async (_, writer, _) =>
        {
            await writer.WriteAsync(new Item());
            await writer.WriteAsync(new Item());
        };
        using var client = new Recorded(Wire, "rpc.client.call.duration");
        using (var read = stage.Calls.ServerStream(new Item()))
        {
            await read.ResponseStream.ToListAsync();
        }
        using (var left = stage.Calls.ServerStream(new Item()))
        {
            Assert.True(await left.ResponseStream.MoveNext(CancellationToken.None).Soon());
        }
        Assert.Equal(["OK", "CANCELLED"], client.Own.Select(m => m.Outcome.Status));
    }

    [Fact]
    public async Task Both_sides_record_the_same_bytes_of_each_message()
    {
        SkipUnless(!Wire.Traits.SharesMemory, "messages are handed over: there are no bytes");
        var stage = await OpenAsync();
        // Bodies that no other case has, which run at the same time and are recorded by the same instruments.
        var (request, response) = (NewMeasuredBody(), NewMeasuredBody());
        stage.Handlers.Unary = (_, _) => Task.FromResult(new Item { Body = response });
        using var asked = new Recorded(Wire, "anywire.client.request.size");
        using var received = new Recorded(Wire, "anywire.server.request.size");
        using var answered = new Recorded(Wire, "anywire.server.response.size");
        using var got = new Recorded(Wire, "anywire.client.response.size");
        await stage.Calls.UnaryAsync(new Item { Body = request }).ResponseAsync.Soon();
        await MeasuredAsync(asked, received, request.Length);
        await MeasuredAsync(got, answered, response.Length);
    }

    [Fact]
    public async Task Each_message_of_a_stream_is_recorded()
    {
        Needs(CallKinds.ServerStreaming);
        SkipUnless(!Wire.Traits.SharesMemory, "messages are handed over: there are no bytes");
        var stage = await OpenAsync();
        ByteString[] bodies = [NewMeasuredBody(), NewMeasuredBody(), NewMeasuredBody()];
        stage.Handlers.ServerStream = async (_, writer, _) =>
        {
            foreach (var body in bodies)
            {
                await writer.WriteAsync(new Item { Body = body });
            }
        };
        using var sent = new Recorded(Wire, "anywire.server.response.size");
        using var got = new Recorded(Wire, "anywire.client.response.size");
        using var call = stage.Calls.ServerStream(new Item());
        await call.ResponseStream.ToListAsync();
        foreach (var body in bodies)
        {
            await MeasuredAsync(got, sent, body.Length);
        }
    }

    private ByteString NewMeasuredBody()
    {
        // Where only small ones are carried.
        var smallest = Math.Min(SmallestMeasuredBody, Wire.Traits.MaxMessageBytes / 4);
        return ByteString.CopyFrom(new byte[Random.Shared.Next(smallest, 3 * smallest)]);
    }

    // As JSON a body takes a third more, and the rest of a message a few bytes.
    private static Task MeasuredAsync(Recorded here, Recorded there, int body) => Wait.UntilAsync(
        () => here.All.Select(m => m.Value).Intersect(there.All.Select(m => m.Value)).Any(v => IsOf(v, body) || IsOf(v, (body + 2) / 3 * 4)),
        $"both sides have recorded a message with a body of {body} bytes");

    private static bool IsOf(double bytes, int body) => bytes >= body && bytes < body + 100;

    /// <summary>What one instrument records of this wire while it lives: within the case's own flow of control, and all of it.</summary>
    private sealed class Recorded : IDisposable
    {
        private readonly MeterListener _listener = new();
        private readonly AsyncLocal<bool> _here = new();

        public Recorded(TransportUnderTest wire, string instrument)
        {
            _here.Value = true;
            _listener.InstrumentPublished = (published, listener) =>
            {
                if (published.Meter.Name == AnywireDiagnostics.Name && published.Name == instrument)
                {
                    listener.EnableMeasurementEvents(published);
                }
            };
            _listener.SetMeasurementEventCallback<long>((_, value, tags, _) => Add(wire, value, tags));
            _listener.SetMeasurementEventCallback<double>((_, value, tags, _) => Add(wire, value, tags));
            _listener.Start();
        }

        public ConcurrentQueue<Measurement> Own { get; } = new();

        public ConcurrentQueue<Measurement> All { get; } = new();

        public void Dispose() => _listener.Dispose();

        private void Add(TransportUnderTest wire, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            var named = tags.ToArray().ToDictionary(t => t.Key, t => t.Value as string);
            if (named["anywire.wire"] != wire.Traits.Name)
            {
                return;
            }
            var measurement = new Measurement(named["rpc.method"]!, value, (named.GetValueOrDefault("rpc.response.status_code"), named.GetValueOrDefault("error.type")));
            All.Enqueue(measurement);
            if (_here.Value)
            {
                Own.Enqueue(measurement);
            }
        }
    }

    private sealed record Measurement(string Method, double Value, (string? Status, string? Error) Outcome);
}
