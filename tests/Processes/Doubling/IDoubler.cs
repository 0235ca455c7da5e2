namespace Twite.Processes.Doubling;

/// <summary>Somebody with all rights at a network's broker who listens to what is sent to services, and sends each event and each request once more, as it was. Until it is
/// disposed.</summary>
internal interface IDoubler : IAsyncDisposable
{
    /// <summary>How many events it has sent once more.</summary>
    int Events { get; }

    /// <summary>How many requests it has sent once more.</summary>
    int Requests { get; }

    /// <summary>Begins; returns when it hears all that is sent from now on.</summary>
    static async Task<IDoubler> BeginAsync(UpNetwork network) =>
        network.Broker == "nats" ? await NatsDoubler.BeginAsync(network) : await RabbitMqDoubler.BeginAsync(network);
}
