using Anywire.Tcp.Tests.Bed;

namespace Anywire.Tcp.Tests;

/// <summary>Addresses that a caller is given wrongly: it is told at once, and about each.</summary>
public sealed class AddressTests
{
    [Theory]
    [InlineData("tcps://127.0.0.1", "tcps://127.0.0.1:5151", "\"tcps://127.0.0.1\" names no host and port")]
    [InlineData("tcps://127.0.0.1:5151", "tcps://127.0.0.2", "\"tcps://127.0.0.2\" names no host and port")]
    [InlineData("tcps://127.0.0.1:5151", "tcp://127.0.0.1:5152", "echo differ in scheme")]
    [InlineData("tcp://127.0.0.1:5151", "tcps://127.0.0.1:5152", "echo differ in scheme")]
    public async Task One_that_does_not_fit_is_refused_wherever_it_stands(string first, string second, string why)
    {
        await using var bed = await TcpBed.OpenAsync("tcps");
        Assert.Contains(why, Assert.Throws<FormatException>(() => bed.Connect([Endpoint.Parse(first), Endpoint.Parse(second)])).Message, StringComparison.Ordinal);
    }
}
