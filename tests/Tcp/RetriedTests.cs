using Anywire.Tcp.Connections;

namespace Anywire.Tcp.Tests;

/// <summary>What all connections share is made when it can be: a process that had no descriptors left for a moment is not without it for ever.</summary>
public sealed class RetriedTests
{
    [Fact]
    public void What_could_not_be_made_is_made_when_it_is_asked_for_again_and_then_once()
    {
        var tries = 0;
        var retried = new Retried<object>(() => ++tries == 1 ? throw new IOException("no descriptors are left") : new object());
        Assert.Throws<IOException>(() => retried.Value);
        Assert.Same(retried.Value, retried.Value);
        Assert.Equal(2, tries);
    }
}
