namespace Anywire.Tests;

public sealed class EndpointTests
{
    [Theory]
    [InlineData("grpcs://host:5142", "grpcs", "host", 5142)]
    [InlineData("GRPC://Host:1", "grpc", "host", 1)]
    [InlineData("amqps://broker/vhost", "amqps", "broker", -1)]
    [InlineData("tcp://[::1]:99", "tcp", "[::1]", 99)]
    [InlineData("grpc://127.0.0.1:0", "grpc", "127.0.0.1", 0)]
    [InlineData("inproc:accounts", "inproc", "", -1)]
    public void An_address_has_its_parts(string address, string scheme, string host, int port)
    {
        var endpoint = Endpoint.Parse(address);
        Assert.Equal((scheme, host, port), (endpoint.Scheme, endpoint.Host, endpoint.Port));
    }

    [Fact]
    public void The_name_in_process_is_the_path() => Assert.Equal("accounts", Endpoint.Parse("inproc:accounts").Path);

    [Theory]
    [InlineData("")]
    [InlineData("   ")]
    [InlineData("accounts")]
    [InlineData("/var/run/socket")]
    [InlineData("//host:1")]
    [InlineData("grpcs://")]
    [InlineData("grpcs://host:port")]
    [InlineData("grpcs://host:70000")]
    public void What_is_no_address_is_refused_with_an_example(string address)
    {
        var error = Assert.Throws<FormatException>(() => Endpoint.Parse(address));
        Assert.Contains($"\"{address}\"", error.Message, StringComparison.Ordinal);
        Assert.Contains("grpcs://host:port", error.Message, StringComparison.Ordinal);
        Assert.False(Endpoint.TryParse(address, out _));
    }

    [Fact]
    public void Nothing_is_no_address() => Assert.False(Endpoint.TryParse(null, out _));

    [Fact]
    public void The_port_can_be_filled_in()
    {
        var real = Endpoint.Parse("grpc://127.0.0.1:0").WithPort(5151);
        Assert.Equal(5151, real.Port);
        Assert.Equal("grpc://127.0.0.1:5151", real.ToString());
    }

    [Theory]
    [InlineData("grpcs://host:5142", "grpcs://host:5142")]
    [InlineData("grpcs://host:5142/", "grpcs://host:5142")]
    [InlineData("inproc:accounts", "inproc:accounts")]
    public void It_is_written_as_it_was(string address, string written) => Assert.Equal(written, Endpoint.Parse(address).ToString());

    [Fact]
    public void Equal_addresses_are_equal()
    {
        Assert.Equal(Endpoint.Parse("grpcs://host:1"), Endpoint.Parse("GRPCS://HOST:1"));
        Assert.NotEqual(Endpoint.Parse("grpcs://host:1"), Endpoint.Parse("grpcs://host:2"));
    }
}
