using Grpc.Core;

namespace Twite.Storage;

/// <summary>Handlers that storage fails answer with a status that their caller can do something with, thrown or awaited.</summary>
public sealed class StorageBinderTests
{
    private static readonly Marshaller<string> Text = Marshallers.StringMarshaller;
    private static readonly Method<string, string> Unary = new(MethodType.Unary, "books", "Get", Text, Text);

    [Fact]
    public Task Of_a_handler_that_throws() => AssertBusyAsync((_, _) => throw Busy());

    [Fact]
    public Task Of_a_handler_that_fails_later() => AssertBusyAsync(async (_, _) =>
    {
        await Task.Yield();
        throw Busy();
    });

    [Fact]
    public async Task Leaves_what_is_done_as_it_is()
    {
        var reply = Task.FromResult("well");
        var bound = Bind((_, _) => reply);
        Assert.Same(reply, bound("", null!));
        Assert.Equal("well", await reply);
    }

    [Fact]
    public async Task Leaves_other_errors_as_they_are() => await Assert.ThrowsAsync<FormatException>(() => Bind((_, _) => throw new FormatException())("", null!));

    private static async Task AssertBusyAsync(UnaryServerMethod<string, string> handler)
    {
        var error = await Assert.ThrowsAsync<RpcException>(() => Bind(handler)("", null!));
        Assert.Equal(StatusCode.ResourceExhausted, error.StatusCode);
    }

    private static StorageException Busy() => new(StorageFailure.Busy, "Too much.");

    private static UnaryServerMethod<string, string> Bind(UnaryServerMethod<string, string> handler)
    {
        var binder = new Recorder();
        new StorageBinder(binder).AddMethod(Unary, handler);
        return binder.Bound!;
    }

    private sealed class Recorder : ServiceBinderBase
    {
        public UnaryServerMethod<string, string>? Bound { get; private set; }

        public override void AddMethod<TRequest, TResponse>(Method<TRequest, TResponse> method, UnaryServerMethod<TRequest, TResponse>? handler) =>
            Bound = (UnaryServerMethod<string, string>)(object)handler!;
    }
}
