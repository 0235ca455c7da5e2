namespace Anywire.Http.Tests.Rest;

public sealed class AddressTests
{
    [Theory]
    [InlineData("https://127.0.0.1", "names no host and port")]
    [InlineData("http://127.0.0.1", "names no host and port")]
    [InlineData("https://127.0.0.1:5151/v1", "has a path")]
    [InlineData("https://127.0.0.1:5151?codec=xml", "codec=xml")]
    [InlineData("https://127.0.0.1:5151?http=3", "http=3")]
    [InlineData("https://127.0.0.1:5151?colour=blue", "colour=blue")]
    public void An_address_that_is_none_is_told_why(string address, string why) =>
        Assert.Contains(why, Assert.Throws<FormatException>(() => HttpAddress.Of(Endpoint.Parse(address))).Message);

    [Theory]
    [InlineData("https://127.0.0.1:443", false, "2.0")]
    [InlineData("http://127.0.0.1:80", false, "1.1")]
    [InlineData("https://[::1]:5151?codec=protobuf&http=1.1", true, "1.1")]
    [InlineData("http://localhost:5151/?http=2", false, "2.0")]
    public void An_address_says_codec_and_version(string address, bool isProtobuf, string version) =>
        Assert.Equal(new HttpAddress(isProtobuf, Version.Parse(version)), HttpAddress.Of(Endpoint.Parse(address)));
}
