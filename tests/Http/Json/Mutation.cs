using System.Text;

namespace Anywire.Http.Tests.Json;

/// <summary>Spoils JSON a little, so that most of it is still in order and the reader gets far.</summary>
internal static class Mutation
{
    private static readonly string[] Tokens =
    [
        "{", "}", "[", "]", ",", ":", "\"", "\\", "null", "true", "1e999", "-", "\"\\ud800\"", "\"@type\"", "\"value\":", "{}", "[]", "\0", "\u00ff", "-0.0", "\"NaN\"",
        "\"name\":1,", "\"left\":{", "99999999999999999999",
    ];

    public static byte[] Of(byte[] json, Random random)
    {
        var bytes = json.ToList();
        for (var i = random.Next(1, 5); i > 0; i--)
        {
            var at = random.Next(bytes.Count + 1);
            var length = Math.Min(random.Next(1, 12), bytes.Count - at);
            switch (random.Next(5))
            {
                case 0:
                    bytes.RemoveRange(at, length);
                    break;
                case 1:
                    bytes.InsertRange(at, Encoding.UTF8.GetBytes(Tokens[random.Next(Tokens.Length)]));
                    break;
                case 2:
                    bytes.InsertRange(random.Next(bytes.Count + 1), bytes.GetRange(at, length));
                    break;
                case 3 when at < bytes.Count:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 4 when at < bytes.Count:
                    bytes.RemoveRange(at, random.Next(bytes.Count - at));
                    break;
            }
        }
        return [.. bytes];
    }
}
