using Anywire.Tcp.Connections;

namespace Anywire.Tcp.Tests;

/// <summary>Short turns of the processor are a wish that Linux takes.</summary>
public sealed class ShortTurnsTests
{
    [Fact]
    public void Linux_takes_it_for_a_thread_and_again()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "only Linux has them");
        var taken = (false, false);
        var thread = new Thread(() => taken = (ShortTurns.Ask(), ShortTurns.Ask()));
        thread.Start();
        thread.Join();
        Assert.Equal((true, true), taken);
    }
}
