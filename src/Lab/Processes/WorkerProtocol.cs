using System.Text.Json;

namespace Twite.Lab.Processes;

/// <summary>Orders and answers as lines.</summary>
internal static class WorkerProtocol
{
    private static readonly JsonSerializerOptions Format = new(JsonSerializerDefaults.Web);

    public static string Write(Order order) => JsonSerializer.Serialize(order, Format);

    public static string Write(Answer answer) => JsonSerializer.Serialize(answer, Format);

    public static Order ReadOrder(string line) => Read<Order>(line);

    public static Answer ReadAnswer(string line) => Read<Answer>(line);

    private static T Read<T>(string line) =>
        JsonSerializer.Deserialize<T>(line, Format) ?? throw new InvalidDataException($"\"{line}\" is no message of the lab.");
}
