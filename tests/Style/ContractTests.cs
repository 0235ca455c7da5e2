using System.Reflection;
using Anywire;
using Google.Protobuf.Reflection;
using Twite.Contracts;

namespace Twite.Style;

/// <summary>The contracts keep what <c>contracts/baseline.txt</c> promised. After a change that only adds, write the baseline anew:
/// <c>TWITE_UPDATE_BASELINE=1 ./test Style</c>. A change that breaks needs <c>TWITE_UPDATE_BASELINE=breaking</c> and a reason.</summary>
public sealed class ContractTests
{
    private const string Baseline = "contracts/baseline.txt";
    private const string Update = "TWITE_UPDATE_BASELINE";

    private static readonly string[] Old =
    [
        "enum a.Colour.RED = 1",
        "field a.Book.id = 1; int64",
        "message a.Book = 1 fields",
        "rpc a.Books.Get = a.GetRequest; returns a.Book; delivery Reply; idempotent; deadline 3000 ms; request 64 B; reply 64 B; callers admin web; http GET /v1/books",
    ];

    [Fact]
    public void Nothing_that_was_promised_is_broken()
    {
        var now = ContractText.Of(Files());
        var update = Environment.GetEnvironmentVariable(Update);
        var changes = ContractChange.Between(Promised(), now);
        if (update == "breaking" || (update == "1" && !changes.Any(c => c.Breaks)))
        {
            File.WriteAllLines(Path.Combine(Tree.Root, Baseline), now);
            return;
        }
        Verdict.Nothing(changes.Where(c => c.Breaks).Select(c => c.What));
    }

    [Fact]
    public void The_baseline_names_everything_there_is()
    {
        var added = ContractChange.Between(Promised(), ContractText.Of(Files())).Where(c => !c.Breaks).Select(c => c.What).ToList();
        Assert.True(added.Count == 0 || Environment.GetEnvironmentVariable(Update) is not null,
            $"The contracts have grown; nothing breaks. Promise it with: {Update}=1 ./test Style\n{string.Join('\n', added)}");
    }

    [Theory]
    [InlineData("RED = 1", "RED = 2")]
    [InlineData("id = 1; int64", "id = 2; int64")]
    [InlineData("id = 1; int64", "id = 1; repeated int64")]
    [InlineData("id = 1; int64", "id = 1; string")]
    [InlineData("a.Book.id", "a.Book.number")]
    [InlineData("Books.Get ", "Books.Fetch ")]
    [InlineData("= a.GetRequest", "= stream a.GetRequest")]
    [InlineData("= a.GetRequest", "= a.OtherRequest")]
    [InlineData("returns a.Book", "returns stream a.Book")]
    [InlineData("delivery Reply", "delivery BestEffort")]
    [InlineData("; idempotent", "; not idempotent")]
    [InlineData("request 64 B", "request 63 B")]
    [InlineData("reply 64 B", "reply 32 B")]
    [InlineData("callers admin web", "callers web")]
    [InlineData("GET /v1/books", "GET /v1/book")]
    public void Finds_a_change_that_breaks(string was, string now) =>
        Assert.Contains(ContractChange.Between(Old, Old.Select(line => line.Replace(was, now, StringComparison.Ordinal))), c => c.Breaks);

    [Theory]
    [InlineData("request 64 B", "request 128 B")]
    [InlineData("callers admin web", "callers admin lab web")]
    [InlineData("callers admin web", "callers any")]
    [InlineData("deadline 3000 ms", "deadline 5000 ms")]
    [InlineData("= 1 fields", "= 1 fields\nfield a.Book.title = 2; string")]
    public void Lets_pass_what_only_adds(string was, string now)
    {
        var grown = Old.SelectMany(line => line.Replace(was, now, StringComparison.Ordinal).Split('\n'));
        var change = Assert.Single(ContractChange.Between(Old, grown));
        Assert.False(change.Breaks, change.What);
    }

    private static string[] Promised()
    {
        var path = Path.Combine(Tree.Root, Baseline);
        return File.Exists(path) ? File.ReadAllLines(path) : [];
    }

    // Every .proto that is compiled into these two libraries, so that a new one is promised too.
    private static IEnumerable<FileDescriptor> Files() =>
        new[] { typeof(AccountsReflection).Assembly, typeof(MethodContract).Assembly }
            .SelectMany(a => a.GetTypes())
            .Where(t => t.Name.EndsWith("Reflection", StringComparison.Ordinal))
            .Select(t => t.GetProperty("Descriptor", BindingFlags.Public | BindingFlags.Static)?.GetValue(null))
            .OfType<FileDescriptor>();
}
