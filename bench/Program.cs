using Twite.Bench;
using Twite.Bench.Grpc;
using Twite.Bench.Home;
using Twite.Bench.Http;
using Twite.Bench.InProcess;
using Twite.Bench.Json;
using Twite.Bench.Messages;
using Twite.Bench.Udp;
using Twite.Bench.Brokers;
using Twite.Bench.Sockets;

if (args is [Sides.Mark, var side, var subject, var keys, var isAsync, var port])
{
    await Sides.RunAsync(side, new Subject(new SubjectName(subject), keys, bool.Parse(isAsync)), int.Parse(port));
    return 0;
}

if (args is [Receiver.Verb])
{
    await Receiver.RunAsync();
    return 0;
}

// Names first, then options.
string[] names = [.. args.TakeWhile(static a => !a.StartsWith("--", StringComparison.Ordinal))];
var options = args[names.Length..];

// One line a benchmark. Each prints its figure, the floor of the same run, their ratio, and what it is held to.
Benchmark[] benchmarks =
[
    new("inprocess", "a call in process, over calling the service's method directly", InProcessBenchmark.RunAsync),
    new("timeline", "home timelines among 1,000,000 messages, against fetching the same rows by key", TimelineBenchmark.RunAsync),
    new("timeline10", "the same first page among 10,000,000 messages, against 1,000,000 (writes 2 GB)", TenTimesBenchmark.RunAsync),
    new("search", "two words, 50 newest, among 1,000,000 messages", SearchBenchmark.RunAsync),
    new("post", "a lone post and 64 writers, against a bare FULL transaction writing the same rows", PostBenchmark.RunAsync),
    new("postgres", "posts, home timelines and searches on a PostgreSQL of its own, against SQLite", PostgresBenchmark.RunAsync),
    new("grpc", "the hot call by gRPC through Anywire, against plain grpc-dotnet", GrpcBenchmark.RunAsync),
    new("tcp", "the hot call over TCP in two processes, against grpc-dotnet and a bare socket (--help)", () => TcpBenchmark.RunAsync(options)),
    new("http", "calls over HTTP through Anywire, against a minimal API and an HttpClient by hand", HttpBenchmark.RunAsync),
    new("rabbitmq", "the hot call over a RabbitMQ of its own, against a bare loop over the same broker", BrokerBenchmark.RabbitMqAsync),
    new("nats", "the hot call over a NATS server of its own, against a bare loop over the same server", BrokerBenchmark.NatsAsync),
    new("events", "events that a RabbitMQ of its own confirms, against a bare publisher with pipelined confirms", EventBenchmark.RunAsync),
    new("home", "the home page with each service a process of its own, against the same in one process", HomeBenchmark.RunAsync),
    new("udp", "events by datagrams between two processes, against one sealed SendTo each", UdpBenchmark.RunAsync),
    new("json", "the JSON of HTTP, against System.Text.Json with generated code", JsonBenchmark.RunAsync),
];

var asked = benchmarks.Where(b => names.Contains(b.Name) || names is ["all"]).ToList();
if (asked.Count == 0)
{
    Console.WriteLine("dotnet run -c Release --project bench -- NAME…   (or: all)");
    foreach (var benchmark in benchmarks)
    {
        Console.WriteLine($"  {benchmark.Name,-12} {benchmark.About}");
    }
    return args.Length == 0 ? 0 : 2;
}
foreach (var benchmark in asked)
{
    Console.WriteLine($"{benchmark.Name}: {benchmark.About}");
    try
    {
        await benchmark.RunAsync();
    }
    catch (FormatException error) when (options.Length > 0)
    {
        Console.Error.WriteLine(error.Message);
        return 2;
    }
    Console.WriteLine();
}
return 0;
