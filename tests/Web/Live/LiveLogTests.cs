using Grpc.Core;
using Twite.Web.Live;

namespace Twite.Web.Tests.Live;

/// <summary>What the live feed's log is made of.</summary>
public sealed class LiveLogTests
{
    [Fact]
    public void A_reason_stands_within_a_sentence() =>
        Assert.Equal("accounts refused the connection", LiveLog.Reason(new RpcException(new Status(StatusCode.Unavailable, "accounts refused the connection."))));
}
