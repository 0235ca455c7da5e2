using Twite.Lab.Processes;

namespace Twite.Lab;

/// <summary>Runs the whole network over one column's wire, in this process: what only the program can, which knows the services.</summary>
public interface INetworkStarter
{
    /// <summary>Starts it; when the task completes the front end answers.</summary>
    /// <param name="column">The wire.</param>
    /// <param name="certificates">A folder with ca.pem, and NAME.pem and NAME.key for each service.</param>
    /// <param name="data">The directory for its files.</param>
    /// <param name="cancellationToken">Gives up.</param>
    Task<INetwork> StartAsync(Column column, string certificates, string data, CancellationToken cancellationToken);
}

/// <summary>A running network. Disposing stops it.</summary>
public interface INetwork : IAsyncDisposable
{
    /// <summary>Where browsers and programs find it.</summary>
    Uri Url { get; }

    /// <summary>Signs somebody up.</summary>
    Task<Person> SignUpAsync(string name, CancellationToken cancellationToken);
}
