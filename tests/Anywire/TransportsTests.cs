using Anywire.InProcess;
using Anywire.Wire;

namespace Anywire.Tests;

public sealed class TransportsTests
{
    private readonly InProcessTransport _inProcess = new();
    private readonly WireTransport _wire = new();

    [Fact]
    public void The_scheme_picks_the_transport()
    {
        var transports = new Transports(_inProcess, _wire);
        Assert.Same(_inProcess, transports.For(Endpoint.Parse("inproc:a")));
        Assert.Same(_wire, transports.For(Endpoint.Parse("wire:a")));
    }

    [Fact]
    public void An_unknown_scheme_is_refused_with_those_that_are_known()
    {
        var error = Assert.Throws<FormatException>(() => new Transports(_inProcess, _wire).For(Endpoint.Parse("carrier-pigeon://roof")));
        Assert.All(["carrier-pigeon://roof", "inproc:", "wire:"], part => Assert.Contains(part, error.Message, StringComparison.Ordinal));
    }
}
