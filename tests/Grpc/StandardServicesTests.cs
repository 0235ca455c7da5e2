using Anywire.Certificates;
using Grpc.Core;
using Grpc.Health.V1;
using Grpc.Reflection.V1;
using static Grpc.Health.V1.HealthCheckResponse.Types;

namespace Anywire.Grpc.Tests;

/// <summary>Health and reflection, as any tool would ask for them.</summary>
public sealed class StandardServicesTests : IAsyncLifetime
{
    private readonly TestAuthority _cluster = new();
    private EchoServer _server = null!;
    private AnywireClient _client = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await EchoServer.StartAsync(_cluster.For("echo"));
        _client = EchoServer.Connect(_cluster.For("anybody"), [_server.Endpoint]);
    }

    public async ValueTask DisposeAsync()
    {
        await _client.DisposeAsync();
        await _server.DisposeAsync();
        _cluster.Dispose();
    }

    [Theory, InlineData(""), InlineData("anywire.grpc.tests.Echo")]
    public async Task Health_says_that_what_listens_serves(string service) =>
        Assert.Equal(ServingStatus.Serving, (await Health.CheckAsync(new HealthCheckRequest { Service = service })).Status);

    [Fact]
    public async Task Health_knows_no_other_service()
    {
        var error = await Assert.ThrowsAsync<RpcException>(async () => await Health.CheckAsync(new HealthCheckRequest { Service = "absent" }));
        Assert.Equal(StatusCode.NotFound, error.StatusCode);
    }

    [Fact]
    public async Task Who_watches_health_learns_that_the_server_drains_and_does_not_keep_it_from_that()
    {
        using var watch = Health.Watch(new HealthCheckRequest());
        Assert.True(await watch.ResponseStream.MoveNext());
        Assert.Equal(ServingStatus.Serving, watch.ResponseStream.Current.Status);
        var stopping = _server.StopAsync();
        Assert.True(await watch.ResponseStream.MoveNext());
        Assert.Equal(ServingStatus.NotServing, watch.ResponseStream.Current.Status);
        await stopping.WaitAsync(TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task Reflection_lists_what_is_here_and_nothing_else()
    {
        using var call = new ServerReflection.ServerReflectionClient(_client.Invoker).ServerReflectionInfo();
        await call.RequestStream.WriteAsync(new ServerReflectionRequest { ListServices = "" });
        Assert.True(await call.ResponseStream.MoveNext());
        Assert.Equal(
            ["anywire.grpc.tests.Echo", "grpc.health.v1.Health", "grpc.reflection.v1.ServerReflection", "grpc.reflection.v1alpha.ServerReflection"],
            call.ResponseStream.Current.ListServicesResponse.Service.Select(s => s.Name).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Reflection_gives_a_method_by_its_name()
    {
        using var call = new ServerReflection.ServerReflectionClient(_client.Invoker).ServerReflectionInfo();
        await call.RequestStream.WriteAsync(new ServerReflectionRequest { FileContainingSymbol = "anywire.grpc.tests.Echo.Whisper" });
        Assert.True(await call.ResponseStream.MoveNext());
        Assert.NotEmpty(call.ResponseStream.Current.FileDescriptorResponse.FileDescriptorProto);
    }

    private global::Grpc.Health.V1.Health.HealthClient Health => new(_client.Invoker);
}
