using Anywire.Udp.Control;
using Anywire.Udp.Format;
using Anywire.Udp.Sealing;
using Anywire.Udp.Sessions;
using Grpc.Core;

namespace Anywire.Udp.Tests;

/// <summary>The bytes that the README states. Who changes one of these changes what is understood by programs that are out there.</summary>
public sealed class GoldenBytesTests
{
    private static readonly Marshaller<byte[]> Bytes = Marshallers.Create(static (byte[] b) => b, static b => b);

    private readonly MessageWriter _writer = new();

    [Fact]
    public void A_method_is_the_beginning_of_a_hash() =>
        Assert.Equal(0x97D3D29D, MethodId.Of("/anywire.udp.tests.Echo/Say"));

    [Fact]
    public void A_request()
    {
        var metadata = new Metadata
        {
            { "traceparent", "00-0123456789abcdef0123456789abcdef-0011223344556677-01" }, { "anywire-event-id", "e7" }, { "k", "é" }, { "b-bin", [255] },
        };
        _writer.Request(0x0102030405060708, 1_000, 0xCAFEBABE, metadata).Body(Bytes, [7, 8]);
        Is(
            "02" + "0041" + "0102030405060708" + "000003E8" + "CAFEBABE"
            + "04" + "80" + "0123456789ABCDEF0123456789ABCDEF" + "0011223344556677" + "01" + "83" + "0002" + "6537" + "01" + "6B" + "0002" + "C3A9" + "05" + "622D62696E" + "0001" + "FF"
            + "0708");
    }

    [Fact]
    public void An_event()
    {
        _writer.Event(0xCAFEBABE, null).Body(Bytes, [7, 8]);
        Is("01" + "0007" + "CAFEBABE" + "00" + "0708");
    }

    [Fact]
    public void An_end()
    {
        _writer.End(9, Status.DefaultSuccess, new Metadata { { "h", "1" } }, null, hasReply: true).Body(Bytes, [7]);
        Is("03" + "0014" + "0000000000000009" + "00" + "03" + "0000" + "01" + "01" + "68" + "0001" + "31" + "00" + "07");
        _writer.Failure(9, new Status(StatusCode.NotFound, "no"), null, new Metadata { { "t", "2" } });
        Is("03" + "0014" + "0000000000000009" + "05" + "00" + "0002" + "6E6F" + "01" + "01" + "74" + "0001" + "32");
    }

    [Fact]
    public void The_short_ones()
    {
        _writer.OfCall(MessageKind.Handled, 9);
        Is("04" + "0008" + "0000000000000009");
        _writer.OfCall(MessageKind.Working, 9);
        Is("06" + "0008" + "0000000000000009");
        _writer.OfCall(MessageKind.Cancel, 9);
        Is("07" + "0008" + "0000000000000009");
        _writer.Report(5, 4, 3, 2);
        Is("08" + "0018" + "0000000000000005" + "0000000000000004" + "00000003" + "00000002");
        _writer.Leaving(hasGone: true);
        Is("0A" + "0001" + "01");
    }

    [Fact]
    public void A_plain_session()
    {
        Assert.Equal("03" + "01" + "0000000000000007" + "00000000000000000000", Convert.ToHexString(PlainFormat.Hello(7)));
        Assert.Equal("04" + "01" + "0000000000000007" + "00000009" + "00000060" + "0000", Convert.ToHexString(PlainFormat.Welcome(7, 9, 96)));
        Assert.Equal("05" + "00" + "00000009" + "0000000000000000", Convert.ToHexString(PlainFormat.Unknown(9)));
    }

    [Fact]
    public void Frames_of_the_control_connection()
    {
        byte[] secret = [.. Enumerable.Range(0, 32).Select(i => (byte)i)];
        var hex = Convert.ToHexString(secret);
        Assert.Equal("01" + "07" + hex, Convert.ToHexString(ControlFormat.Hello(7, secret)));
        Assert.Equal("01" + "02" + "01" + "00000009" + "00000060" + hex, Convert.ToHexString(ControlFormat.Welcome(Cipher.ChaCha20Poly1305, 1, 9, 96, secret)));
        Assert.Equal("0000000000000005" + "0000000000000004" + "00000003", Convert.ToHexString(ControlFormat.Counters(5, 4, 3)));
        Assert.Equal("02" + hex, Convert.ToHexString(ControlFormat.Rekey(2, secret)));
    }

    [Theory]
    [InlineData(1, "01010A0B0C0D0000000000000003F47129E4F8B3EFB64225217D7FB4164A51C7A9AA6F6FF9AC3193")]
    [InlineData(2, "01010A0B0C0D0000000000000003D9A6E0D13481B88023EEFA174A68852A1681D60418671F4A450B")]
    public void A_sealed_datagram(int cipher, string expected)
    {
        byte[] callers = [.. Enumerable.Range(0, 32).Select(i => (byte)i)];
        byte[] handlers = [.. Enumerable.Range(32, 32).Select(i => (byte)i)];
        using var key = new KeyAgreement((Cipher)cipher, "tester", "echo", 0x0A0B0C0D).Derive(1, callers, handlers, ofCaller: true);
        var batch = new Batch();
        _writer.Event(0xCAFEBABE, null).Body(Bytes, [7, 8]);
        batch.TryAdd(_writer.Finish());
        batch.Seal(0x0A0B0C0D, 3, key, isPadded: false);
        Assert.Equal(expected, Convert.ToHexString(batch[0]));
    }

    private void Is(string hex) => Assert.Equal(hex, Convert.ToHexString(_writer.Finish()));
}
