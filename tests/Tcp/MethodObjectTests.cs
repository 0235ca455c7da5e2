using Anywire.Tcp.Tests.Bed;
using Google.Protobuf;
using Grpc.Core;

namespace Anywire.Tcp.Tests;

/// <summary>A caller that makes a new object for the method of each call.</summary>
public sealed class MethodObjectTests
{
    private static readonly Marshaller<Line> Lines = Marshallers.Create(static line => line.ToByteArray(), Line.Parser.ParseFrom);

    [Fact]
    public async Task It_may_make_more_than_a_connection_has_numbers()
    {
        await using var bed = await TcpBed.OpenAsync();
        var (client, _) = bed.ConnectApart([bed.Endpoint]);
        await using var _ = client;
        for (var i = 0; i < 5_000; i++)
        {
            var method = new Method<Line, Line>(MethodType.Unary, Echo.Descriptor.FullName, "Say", Lines, Lines);
            await client.Invoker.AsyncUnaryCall(method, null, new CallOptions(), new Line()).ResponseAsync.Soon();
        }
    }
}
