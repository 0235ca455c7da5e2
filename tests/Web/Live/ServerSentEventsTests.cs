using System.Text;
using Twite.Web.Live;

namespace Twite.Web.Tests.Live;

public sealed class ServerSentEventsTests
{
    [Theory]
    [InlineData("one line", "id: 7\nevent: update\ndata: one line\n\n")]
    [InlineData("two\nlines", "id: 7\nevent: update\ndata: two\ndata: lines\n\n")]
    [InlineData("two\r\nlines", "id: 7\nevent: update\ndata: two\ndata: lines\n\n")]
    [InlineData("sly\rid: 9", "id: 7\nevent: update\ndata: sly\ndata: id: 9\n\n")]
    [InlineData("sly\n\nevent: x", "id: 7\nevent: update\ndata: sly\ndata: \ndata: event: x\n\n")]
    [InlineData("", "id: 7\nevent: update\ndata: \n\n")]
    [InlineData("ends\n", "id: 7\nevent: update\ndata: ends\ndata: \n\n")]
    [InlineData("naïve 🐦", "id: 7\nevent: update\ndata: naïve 🐦\n\n")]
    public void Keeps_every_line_of_data_inside_it(string data, string frame) =>
        Assert.Equal(frame, Text(ServerSentEvents.Encode(7, new RenderedEvent("update", data))));

    [Fact]
    public void Leaves_the_clients_mark_alone_without_an_id() =>
        Assert.Equal("event: notification\ndata: n\n\n", Text(ServerSentEvents.Encode(0, new RenderedEvent("notification", "n"))));

    [Fact]
    public void Starts_with_how_long_to_wait_and_the_mark() =>
        Assert.Equal("retry: 2500\nid: 30\n\n", Text(ServerSentEvents.EncodeStart(TimeSpan.FromSeconds(2.5), 30)));

    private static string Text(ReadOnlyMemory<byte> bytes) => Encoding.UTF8.GetString(bytes.Span);
}
