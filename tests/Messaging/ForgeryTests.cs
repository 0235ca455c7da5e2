using System.Security.Cryptography.X509Certificates;
using Anywire.Brokers;
using Anywire.Messaging.Format;
using Anywire.Messaging.Sealing;
using Google.Protobuf;
using NATS.Client.Core;

namespace Anywire.Messaging.Tests;

/// <summary>Somebody who may use the broker says what others might say. Over NATS; sealing is the same over both.</summary>
public sealed class ForgeryTests(SecuredNatsTestServer server)
{
    private static readonly byte[] Body = new Word { Text = "evil" }.ToByteArray();

    [Fact]
    public async Task A_request_in_the_name_of_another_is_refused_and_not_executed()
    {
        var (bed, echo, intruder) = await OpenAsync();
        await using var closingBed = bed;
        await using var closing = intruder;
        // It has a certificate, keys and the broker's leave, and none of tester's keys.
        await intruder.PublishAsync(bed.Requests, Request(bed, "stranger", "tester", "/anywire.messaging.tests.Echo/Say"));
        await IsRefusedAsync(bed, "which has not sealed it");
        Assert.Equal(0, echo.Calls);
    }

    [Fact]
    public async Task A_request_that_is_sent_again_is_refused_and_not_executed_again()
    {
        var (bed, echo, intruder) = await OpenAsync();
        await using var closingBed = bed;
        await using var closing = intruder;
        // Who may listen hears everything, and can say it again.
        var heard = new TaskCompletionSource<byte[]>();
        await using var listening = await intruder.SubscribeCoreAsync<byte[]>(bed.Requests);
        await intruder.PingAsync();
        await bed.Connect().SayAsync(new Word { Text = "on" }).ResponseAsync.Soon();
        heard.SetResult((await listening.Msgs.ReadAsync().AsTask().Soon()).Data!);
        await intruder.PublishAsync(bed.Requests, await heard.Task);
        await IsRefusedAsync(bed, "for the second time");
        Assert.Equal(1, echo.Calls);
    }

    [Fact]
    public async Task A_request_that_is_moved_to_another_method_or_another_service_is_refused()
    {
        var (bed, echo, intruder) = await OpenAsync();
        await using var closingBed = bed;
        await using var closing = intruder;
        var good = Request(bed, "tester", "tester", "/anywire.messaging.tests.Echo/Say");
        var path = good.AsSpan().IndexOf("/Say"u8);
        "/Ask"u8.CopyTo(good.AsSpan(path));
        await intruder.PublishAsync(bed.Requests, good);
        await IsRefusedAsync(bed, "which has not sealed it");
        await intruder.PublishAsync(bed.Requests, Request(bed, "tester", "tester", "/anywire.messaging.tests.Echo/Say", receiver: "other"));
        await IsRefusedAsync(bed, "is for other");
        Assert.Equal(0, echo.Calls);
    }

    [Fact]
    public async Task An_answer_that_nobody_gave_changes_nothing()
    {
        var (bed, _, intruder) = await OpenAsync();
        await using var closingBed = bed;
        await using var closing = intruder;
        await using var listening = await intruder.SubscribeCoreAsync<byte[]>(bed.Requests);
        await intruder.PingAsync();
        using var held = bed.Connect().HoldAsync(new Word());
        var request = await listening.Msgs.ReadAsync().AsTask().Soon();
        var call = new MessageReader(request.Data!).Call;
        var forged = new MessageWriter(MessageKind.End, call, "echo", "tester", new Seals(bed.Credentials("stranger")!.MessageKeys!).For("stranger", "tester"));
        new CallEnd(Grpc.Core.Status.DefaultSuccess, [], 0, HasReply: true).Write(forged);
        await intruder.PublishAsync(request.ReplyTo!, forged.Finish());
        await IsRefusedAsync(bed, "which has not sealed it");
        Assert.False(held.ResponseAsync.IsCompleted);
    }

    private async Task<(EchoBed Bed, EchoService Echo, NatsConnection Intruder)> OpenAsync()
    {
        var broker = await server.BrokerAsync();
        var bed = new EchoBed(BrokerUnderTest.Secured(broker));
        var echo = await bed.ListenAsync();
        var credentials = broker.Authority.For("stranger");
        var intruder = new NatsConnection(new NatsOpts
        {
            Url = $"nats://127.0.0.1:{broker.Port}",
            TlsOpts = new NatsTlsOpts
            {
                Mode = TlsMode.Require,
                ConfigureClientAuthentication = options =>
                {
                    options.TargetHost = "broker";
                    options.LocalCertificateSelectionCallback = (_, _, _, _, _) => credentials.Certificate;
                    options.RemoteCertificateValidationCallback = (_, peer, _, _) => peer is X509Certificate2 certificate && credentials.IsTrusted(certificate);
                    return ValueTask.CompletedTask;
                },
            },
        });
        return (bed, echo, intruder);
    }

    // What a service would send, sealed with the keys of one that is asked for.
    private static byte[] Request(EchoBed bed, string sealer, string sender, string method, string receiver = "echo")
    {
        var message = new MessageWriter(
            MessageKind.Request, new CallId(CallId.NewInstance(), 1), sender, receiver, new Seals(bed.Credentials(sealer)!.MessageKeys!).For(sealer, receiver));
        new RequestHead(method, TimeProvider.System.GetUtcNow().UtcDateTime.AddSeconds(10), 0, null).Write(message);
        message.Body(Grpc.Core.Marshallers.Create(static (byte[] b) => b, static b => b), Body);
        return message.Finish().ToArray();
    }

    private static Task IsRefusedAsync(EchoBed bed, string why) =>
        Wait.UntilAsync(() => bed.Log.GetSnapshot().Any(l => l.Id.Id == 7301 && l.Message.Contains(why, StringComparison.Ordinal)), $"the log says \"{why}\"");
}
