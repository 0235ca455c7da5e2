using Anywire.Http.Mapping;

namespace Anywire.Http.Tests.Rest;

public sealed class TemplateTests
{
    [Theory]
    [InlineData("/v1/books/{id}", "/v1/books/{p2}", "/v1/books/{id}")]
    [InlineData("/v1/{name=shelves/*/books/*}:move", "/v1/shelves/{p2}/books/{p4}:move", "/v1/{name}:move")]
    [InlineData("/v1/files/{path=**}", "/v1/files/{**p2}", "/v1/files/{path}")]
    [InlineData("/v1/books:import", "/v1/books:import", "/v1/books:import")]
    public void A_path_is_a_pattern_and_a_description(string template, string pattern, string description)
    {
        var path = PathTemplate.Parse(template);
        Assert.Equal((pattern, description), (path.Pattern, path.Describe()));
    }

    [Theory]
    [InlineData("v1")]
    [InlineData("/v1//books")]
    [InlineData("/v1/{id")]
    [InlineData("/v1/{path=**}/books")]
    [InlineData("/v1/{path=**}:move")]
    [InlineData("/v1/a b")]
    [InlineData("/")]
    public void A_path_that_is_none_is_named(string template) =>
        Assert.Contains($"\"{template}\"", Assert.Throws<FormatException>(() => PathTemplate.Parse(template)).Message);
}
