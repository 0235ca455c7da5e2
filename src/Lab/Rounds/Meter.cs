namespace Twite.Lab.Rounds;

/// <summary>What was used so far on the other side of a client. Immutable.</summary>
/// <param name="ServerCpu">CPU of the server, in microseconds; null when there is one process only.</param>
/// <param name="BrokerCpu">CPU of the broker between them, in microseconds; null when there is none.</param>
/// <param name="LoopbackBytes">All that the machine has sent over loopback, whoever sent it; null where that is not known.</param>
internal sealed record Meter(double? ServerCpu, double? BrokerCpu, long? LoopbackBytes)
{
    /// <summary>What each of some operations has used since an earlier reading.</summary>
    /// <param name="before">The earlier reading.</param>
    /// <param name="clientCpu">What the client, or the only process, has used meanwhile, in microseconds.</param>
    /// <param name="operations">How many operations there were.</param>
    public IEnumerable<KeyValuePair<string, double>> Since(Meter before, double clientCpu, long operations)
    {
        if (operations == 0)
        {
            yield break;
        }
        var client = clientCpu / operations;
        if (ServerCpu is not { } serverNow || before.ServerCpu is not { } serverBefore)
        {
            yield return new(Figures.Cpu.Key, client);
            yield break;
        }
        var server = (serverNow - serverBefore) / operations;
        var broker = (BrokerCpu - before.BrokerCpu) / operations;
        yield return new(Figures.Cpu.Key, client + server + (broker ?? 0));
        yield return new(Figures.CpuClient.Key, client);
        yield return new(Figures.CpuServer.Key, server);
        if (broker is { } used)
        {
            yield return new(Figures.CpuBroker.Key, used);
        }
        if (LoopbackBytes is { } bytesNow && before.LoopbackBytes is { } bytesBefore)
        {
            yield return new(Figures.Bytes.Key, (double)(bytesNow - bytesBefore) / operations);
        }
    }
}
