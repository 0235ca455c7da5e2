using Anywire;

namespace Twite.Lab.Tests.Wires;

/// <summary>A program that has a broker at port 141, and nothing else.</summary>
/// <param name="cpu">What the broker has used so far.</param>
/// <param name="ended">Called when the broker ends.</param>
internal sealed class FakeHost(Func<TimeSpan> cpu, Action ended) : ILabHost
{
    public void MakeKeys(string folder) => throw new NotSupportedException();

    public ServiceCredentials LoadKeys(string keys, string service) => throw new NotSupportedException();

    public Task<IBroker> StartBrokerAsync(Column column, string keys, string data, CancellationToken cancellationToken) =>
        Task.FromResult<IBroker>(new Broker(cpu, ended));

    public Task<INetwork> StartNetworkAsync(Column column, string keys, string data, int port, Func<int, int>? before, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    private sealed class Broker(Func<TimeSpan> cpu, Action ended) : IBroker
    {
        public int Port => 141;

        public TimeSpan Cpu => cpu();

        public ValueTask DisposeAsync()
        {
            ended();
            return ValueTask.CompletedTask;
        }
    }
}
