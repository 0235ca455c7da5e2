using System.Diagnostics;
using Anywire;
using Anywire.Udp;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Microsoft.Extensions.Logging.Abstractions;

namespace Twite.Bench.Udp;

/// <summary>The process that receives: for each line on its standard input it says what came and what that took it.</summary>
internal static class Receiver
{
    /// <summary>The argument that makes this program one.</summary>
    public const string Verb = "udp-receiver";

    public static async Task RunAsync()
    {
        var credentials = Credentials.Read(Console.ReadLine()!);
        var lines = new CountingLines();
        await using var server = new AnywireServer(new AnywireServerOptions
        {
            Transports = new Transports(new UdpTransport()),
            Name = "service",
            Services = [new ServiceRegistration(Lines.Descriptor, b => Lines.BindService(b, lines))],
            Contracts = new ContractTable([Lines.Descriptor]),
            Credentials = credentials,
            Loggers = NullLoggerFactory.Instance,
        });
        var sealedOnes = await server.ListenAsync(Endpoint.Parse("udps://127.0.0.1:0"), CancellationToken.None);
        var plain = await server.ListenAsync(Endpoint.Parse("udp://127.0.0.1:0"), CancellationToken.None);
        using var floor = SealedFloor.Listen();
        using var losses = new Losses();
        Console.WriteLine($"{sealedOnes.Port} {plain.Port} {floor.Port}");
        while (Console.ReadLine() is not null)
        {
            var (kernel, network) = losses.Now();
            Console.WriteLine($"{lines.Count + floor.Count} {Environment.CpuUsage.TotalTime.Ticks} {kernel + floor.KernelDrops} {network}");
        }
    }

    private sealed class CountingLines : Lines.LinesBase
    {
        private static readonly Task<Empty> Done = Task.FromResult(new Empty());

        private long _count;

        public long Count => Volatile.Read(ref _count);

        public override Task<Empty> Tell(Line request, ServerCallContext context)
        {
            Interlocked.Increment(ref _count);
            return Done;
        }

        public override Task<Empty> Hand(Line request, ServerCallContext context) => Tell(request, context);
    }
}

/// <summary>The same as its parent sees it.</summary>
internal sealed class ReceiverProcess : IDisposable
{
    private readonly Process _process;

    private ReceiverProcess(Process process, int[] ports) => (_process, Ports) = (process, ports);

    /// <summary>Sealed, plain, and the floor's.</summary>
    public IReadOnlyList<int> Ports { get; }

    public static async Task<ReceiverProcess> StartAsync(ServiceCredentials credentials)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!)
        {
            UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true,
        };
        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet")
        {
            start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "Bench.dll"));
        }
        start.ArgumentList.Add(Receiver.Verb);
        var process = Process.Start(start)!;
        await process.StandardInput.WriteLineAsync(Credentials.Write(credentials));
        var said = await process.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException("The receiver ended by itself.");
        return new ReceiverProcess(process, [.. said.Split(' ').Select(int.Parse)]);
    }

    /// <summary>What came so far, and what that took it.</summary>
    public async Task<(long Count, TimeSpan Cpu, long Kernel, long Network)> AskAsync()
    {
        await _process.StandardInput.WriteLineAsync();
        var numbers = (await _process.StandardOutput.ReadLineAsync())!.Split(' ').Select(long.Parse).ToArray();
        return (numbers[0], TimeSpan.FromTicks(numbers[1]), numbers[2], numbers[3]);
    }

    public void Dispose()
    {
        _process.StandardInput.Close();
        _process.WaitForExit();
        _process.Dispose();
    }
}
