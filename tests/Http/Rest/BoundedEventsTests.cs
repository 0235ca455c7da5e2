using System.Text;
using Anywire.Http.Client;
using Grpc.Core;

namespace Anywire.Http.Tests.Rest;

/// <summary>What counts as one event, however the network cuts it.</summary>
public sealed class BoundedEventsTests
{
    private const int MaxBytes = 20;

    [Theory]
    [InlineData("data: 1234567890\n\n", 10)]
    [InlineData("data: 1234567890\r\n\r\n", 10)]
    [InlineData("data: 1234567890\r\r", 10)]
    [InlineData("event: a\ndata: b\n\n", 10)]
    [InlineData(": keep alive\n", 10)]
    [InlineData("\n", 100)]
    public async Task Any_number_of_short_ones_pass(string text, int times)
    {
        for (var cut = 1; cut <= 7; cut++)
        {
            Assert.Equal(text.Length * times, await ReadAsync(string.Concat(Enumerable.Repeat(text, times)), cut));
        }
    }

    [Theory]
    [InlineData("data: 123456789012345\n\n")]
    [InlineData("data: 123\ndata: 123\ndata: 123\n\n")]
    [InlineData("data: 123\r\ndata: 123\r\ndata: 123\r\n\r\n")]
    [InlineData("data: 123\rdata: 123\rdata: 123\r\r")]
    [InlineData("data: 123\n: a comment\ndata: 123\ndata: 123\n\n")]
    [InlineData("d\nd\nd\nd\nd\nd\nd\nd\nd\nd\nd\n")]
    [InlineData(": a comment that never ends")]
    public async Task One_that_is_too_long_does_not(string text)
    {
        for (var cut = 1; cut <= 7; cut++)
        {
            await Assert.ThrowsAsync<RpcException>(() => ReadAsync(text, cut));
        }
    }

    private static async Task<int> ReadAsync(string text, int cut)
    {
        await using var events = new BoundedEvents(new MemoryStream(Encoding.ASCII.GetBytes(text)), MaxBytes, static _ => new RpcException(Status.DefaultCancelled));
        var (all, buffer) = (0, new byte[cut]);
        while (await events.ReadAsync(buffer, TestContext.Current.CancellationToken) is > 0 and var read)
        {
            all += read;
        }
        return all;
    }
}
