using Anywire;
using Twite.Lab.Processes;

namespace Twite.Lab;

/// <summary>What only the program can do, which knows the services, their keys and the brokers.</summary>
public interface ILabHost
{
    /// <summary>Makes the keys of a cluster in a folder, a broker's and the operator's among them.</summary>
    /// <param name="folder">The folder, which exists and is empty.</param>
    /// <exception cref="IOException">It cannot be written to.</exception>
    void MakeKeys(string folder);

    /// <summary>Loads what a service proves itself with, and seals its messages with.</summary>
    /// <param name="keys">The folder of <see cref="MakeKeys"/>.</param>
    /// <param name="service">The service.</param>
    ServiceCredentials LoadKeys(string keys, string service);

    /// <summary>Starts a broker that serves one column alone; when the task completes it takes connections.</summary>
    /// <param name="column">The column, which has a broker.</param>
    /// <param name="keys">The folder of <see cref="MakeKeys"/>.</param>
    /// <param name="data">The directory for its files.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="IOException">It is not installed, or does not start.</exception>
    Task<IBroker> StartBrokerAsync(Column column, string keys, string data, CancellationToken cancellationToken);

    /// <summary>Runs the whole network over one column's wire, in this process; when the task completes the front end answers.</summary>
    /// <param name="column">The wire.</param>
    /// <param name="keys">The folder of <see cref="MakeKeys"/>.</param>
    /// <param name="data">The directory for its files.</param>
    /// <param name="port">The port of the column's broker; 0 for any free one for each service.</param>
    /// <param name="before">The port of what services are to call instead of a port of the column's own wire; null: nothing stands between.</param>
    /// <param name="cancellationToken">Gives up.</param>
    Task<INetwork> StartNetworkAsync(Column column, string keys, string data, int port, Func<int, int>? before, CancellationToken cancellationToken);
}

/// <summary>A running network. Disposing stops it.</summary>
public interface INetwork : IAsyncDisposable
{
    /// <summary>Where browsers and programs find it.</summary>
    Uri Url { get; }

    /// <summary>Signs somebody up.</summary>
    Task<Person> SignUpAsync(string name, CancellationToken cancellationToken);
}

/// <summary>A running broker, a process of its own. Disposing ends it.</summary>
public interface IBroker : IAsyncDisposable
{
    /// <summary>Where it listens on this machine.</summary>
    int Port { get; }

    /// <summary>What its process has used since it started, over all threads, in user and kernel mode.</summary>
    TimeSpan Cpu { get; }
}
