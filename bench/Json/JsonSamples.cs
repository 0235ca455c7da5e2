using System.Text.Json.Serialization;
using Google.Protobuf.WellKnownTypes;
using Twite.Contracts;

namespace Twite.Bench.Json;

/// <summary>The two replies that pages are made of, as messages and as what somebody would write by hand for System.Text.Json.</summary>
internal static class JsonSamples
{
    private static readonly string[] Texts =
    [
        "Reading the paper on quorum leases again. It gets better every time.",
        "Grüße aus Köln! Heute wird es sonnig, sagt der Wetterbericht.",
        "今日は天気がいいので、散歩に出かけました。",
        "\"Nothing acknowledged is lost\" is a sentence one has to earn. https://example.org/a?b=c&d=e #storage @bob",
        "ok 👍",
    ];

    public static MessagesReply Timeline()
    {
        var reply = new MessagesReply { UpToId = 115_628_301_223_526_411 };
        for (var i = 0; i < 50; i++)
        {
            reply.Messages.Add(new Message
            {
                Id = 115_628_301_223_526_400 - (i * 7919),
                AuthorId = 1_000_000 + (i * 37),
                AuthorName = $"author_{i * 37}",
                Text = Texts[i % Texts.Length],
                CreatedAt = new Timestamp { Seconds = 1_795_000_000 - (i * 61), Nanos = i * 1_000_000 },
            });
        }
        return reply;
    }

    public static VerifySessionReply Session() => new()
    {
        Account = new Account
        {
            Id = 1_000_037, Name = "alice_1", DisplayName = "Alice Müller", Biography = "Reads, writes, and looks at birds.",
            CreatedAt = new Timestamp { Seconds = 1_790_000_000, Nanos = 123_000_000 },
        },
        Assertion = new string('j', 320),
        AssertionExpiresAt = new Timestamp { Seconds = 1_795_000_060 },
        SessionId = 115_628_301_223_526_400,
    };

    public static TimelineRecord Plain(MessagesReply reply) => new()
    {
        UpToId = reply.UpToId,
        Messages =
        [
            .. reply.Messages.Select(m => new MessageRecord
            {
                Id = m.Id, AuthorId = m.AuthorId, AuthorName = m.AuthorName, Text = m.Text, CreatedAt = m.CreatedAt.ToDateTimeOffset(),
            }),
        ],
    };

    public static SessionRecord Plain(VerifySessionReply reply) => new()
    {
        Account = new AccountRecord
        {
            Id = reply.Account.Id, Name = reply.Account.Name, DisplayName = reply.Account.DisplayName, Biography = reply.Account.Biography,
            CreatedAt = reply.Account.CreatedAt.ToDateTimeOffset(),
        },
        Assertion = reply.Assertion,
        AssertionExpiresAt = reply.AssertionExpiresAt.ToDateTimeOffset(),
        SessionId = reply.SessionId,
    };
}

internal sealed class TimelineRecord
{
    public List<MessageRecord> Messages { get; set; } = [];

    public long UpToId { get; set; }
}

internal sealed class MessageRecord
{
    public long Id { get; set; }

    public long AuthorId { get; set; }

    public string AuthorName { get; set; } = "";

    public string Text { get; set; } = "";

    public DateTimeOffset CreatedAt { get; set; }
}

internal sealed class SessionRecord
{
    public AccountRecord? Account { get; set; }

    public string Assertion { get; set; } = "";

    public DateTimeOffset AssertionExpiresAt { get; set; }

    public long SessionId { get; set; }
}

internal sealed class AccountRecord
{
    public long Id { get; set; }

    public string Name { get; set; } = "";

    public string DisplayName { get; set; } = "";

    public string Biography { get; set; } = "";

    public DateTimeOffset CreatedAt { get; set; }
}

/// <summary>System.Text.Json at its best: generated, ids as plain numbers (in quotes they take the slow path).</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(TimelineRecord))]
[JsonSerializable(typeof(SessionRecord))]
internal sealed partial class PlainJson : JsonSerializerContext;
