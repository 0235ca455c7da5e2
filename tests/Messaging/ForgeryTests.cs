using Anywire.Brokers;
using Anywire.Messaging.Format;
using Anywire.Messaging.Sealing;
using NATS.Client.Core;

namespace Anywire.Messaging.Tests;

/// <summary>Somebody who may use the broker says what others might say. Over NATS; sealing is the same over both.</summary>
public sealed class ForgeryTests(SecuredNatsTestServer server) : IAsyncLifetime
{
    private EchoBed _bed = null!;
    private EchoService _echo = null!;
    private NatsConnection _intruder = null!;

    public async ValueTask InitializeAsync()
    {
        var broker = await server.BrokerAsync();
        _bed = new EchoBed(BrokerUnderTest.Secured(broker));
        _echo = await _bed.ListenAsync();
        _intruder = new NatsConnection(new NatsOpts
        {
            Url = $"nats://127.0.0.1:{broker.Port}",
            TlsOpts = new NatsTlsOpts
            {
                Mode = TlsMode.Require,
                ConfigureClientAuthentication = options =>
                {
                    new BrokerTls(broker.Authority.For("stranger"), Assert.Fail).Configure(options);
                    return ValueTask.CompletedTask;
                },
            },
        });
    }

    public async ValueTask DisposeAsync()
    {
        await _intruder.DisposeAsync();
        await _bed.DisposeAsync();
    }

    [Fact]
    public async Task A_request_in_the_name_of_another_is_refused_and_not_executed()
    {
        // It has a certificate, keys and the broker's leave, and none of tester's keys.
        await _intruder.PublishAsync(_bed.Requests, _bed.Request("stranger", "tester", "/anywire.messaging.tests.Echo/Say"));
        await IsRefusedAsync("which has not sealed it");
        Assert.Equal(0, _echo.Calls);
    }

    [Fact]
    public async Task A_request_that_is_sent_again_is_refused_and_not_executed_again()
    {
        // Who may listen hears everything, and can say it again.
        await using var listening = await _intruder.SubscribeCoreAsync<byte[]>(_bed.Requests);
        await _intruder.PingAsync();
        await _bed.Connect().SayAsync(new Word { Text = "on" }).ResponseAsync.Soon();
        await _intruder.PublishAsync(_bed.Requests, (await listening.Msgs.ReadAsync().AsTask().Soon()).Data!);
        await IsRefusedAsync("for the second time");
        Assert.Equal(1, _echo.Calls);
    }

    [Fact]
    public async Task A_request_that_is_moved_to_another_method_or_another_service_is_refused()
    {
        var good = _bed.Request("tester", "tester", "/anywire.messaging.tests.Echo/Say");
        var path = good.AsSpan().IndexOf("/Say"u8);
        "/Ask"u8.CopyTo(good.AsSpan(path));
        await _intruder.PublishAsync(_bed.Requests, good);
        await IsRefusedAsync("which has not sealed it");
        await _intruder.PublishAsync(_bed.Requests, _bed.Request("tester", "tester", "/anywire.messaging.tests.Echo/Say", receiver: "other"));
        await IsRefusedAsync("is for other");
        Assert.Equal(0, _echo.Calls);
    }

    [Fact]
    public async Task An_answer_that_nobody_gave_changes_nothing()
    {
        await using var listening = await _intruder.SubscribeCoreAsync<byte[]>(_bed.Requests);
        await _intruder.PingAsync();
        using var held = _bed.Connect().HoldAsync(new Word());
        var request = await listening.Msgs.ReadAsync().AsTask().Soon();
        var call = new MessageReader(request.Data!).Call;
        var forged = new MessageWriter(MessageKind.End, call, "echo", "tester", new Seals(_bed.Credentials("stranger")!.MessageKeys!).For("stranger", "tester"));
        new CallEnd(Grpc.Core.Status.DefaultSuccess, [], 0, HasReply: true).Write(forged);
        await _intruder.PublishAsync(request.ReplyTo!, forged.Finish());
        await IsRefusedAsync("which has not sealed it");
        Assert.False(held.ResponseAsync.IsCompleted);
    }

    [Fact]
    public async Task Who_names_the_next_calls_of_another_as_his_own_keeps_none_of_them_from_being_handled()
    {
        await using var listening = await _intruder.SubscribeCoreAsync<byte[]>(_bed.Requests);
        await _intruder.PingAsync();
        var client = _bed.Connect();
        await client.SayAsync(new Word()).ResponseAsync.Soon();
        var first = new MessageReader((await listening.Msgs.ReadAsync().AsTask().Soon()).Data!).Call;
        for (var next = 1u; next <= 5; next++)
        {
            await _intruder.PublishAsync(
                _bed.Requests, _bed.Request("stranger", "stranger", "/anywire.messaging.tests.Echo/Hold", call: new CallId(first.Instance, first.Number + next)));
        }
        await Wait.UntilAsync(() => _echo.Calls == 6, "the stranger's are under way");
        Assert.Equal("on", (await client.SayAsync(new Word { Text = "on" }).ResponseAsync.Soon()).Text);
    }

    [Theory, InlineData(false), InlineData(true)]
    public async Task A_call_that_would_be_remembered_for_ever_is_refused(bool isNever)
    {
        await using var answers = await _intruder.SubscribeCoreAsync<byte[]>("stranger.answers");
        await _intruder.PingAsync();
        var expiry = isNever ? DateTime.MaxValue : TimeProvider.System.GetUtcNow().UtcDateTime.AddDays(60);
        await _intruder.PublishAsync(
            _bed.Requests, _bed.Request("stranger", "stranger", "/anywire.messaging.tests.Echo/Say", expiry: expiry), replyTo: "stranger.answers");
        var end = CallEnd.Read(new MessageReader((await answers.Msgs.ReadAsync().AsTask().Soon()).Data!));
        Assert.Equal(Grpc.Core.StatusCode.InvalidArgument, end.Status.StatusCode);
        Assert.Equal(0, _echo.Calls);
    }

    private Task IsRefusedAsync(string why) =>
        Wait.UntilAsync(() => _bed.Log.GetSnapshot().Any(l => l.Id.Id == 7301 && l.Message.Contains(why, StringComparison.Ordinal)), $"the log says \"{why}\"");
}
