using Anywire.Tests.Samples;
using Google.Protobuf.Reflection;

namespace Anywire.Tests;

public sealed class EdgeCheckTests
{
    private static readonly Endpoint Address = Endpoint.Parse("wires://host:1");
    private static readonly TransportTraits Able = new() { Name = "Wire", Scheme = "wires", PlainScheme = "wire" };

    [Fact]
    public void A_wire_that_can_do_all_has_no_problem()
    {
        Assert.Empty(Check(Able, Whole.Descriptor));
        Assert.Empty(Check(Able, Bare.Descriptor));
    }

    [Fact]
    public void A_plain_address_is_refused_unless_it_is_allowed()
    {
        var plain = Endpoint.Parse("wire://host:1");
        var problem = Assert.Single(EdgeCheck.Problems(new ContractTable([Whole.Descriptor]).All, plain, Able, insecure: false));
        AssertNames(problem, "wire://host:1", "wires:", "--insecure");
        Assert.Empty(EdgeCheck.Problems(new ContractTable([Whole.Descriptor]).All, plain, Able, insecure: true));
    }

    [Theory]
    [InlineData(CallKinds.Unary, "Watch", "server-streaming")]
    [InlineData(CallKinds.Unary | CallKinds.ServerStreaming | CallKinds.DuplexStreaming, "Collect", "client-streaming")]
    [InlineData(CallKinds.Unary | CallKinds.ServerStreaming | CallKinds.ClientStreaming, "Talk", "bidirectional streaming")]
    [InlineData(CallKinds.None, "Ask", "unary")]
    public void A_kind_of_call_that_the_wire_lacks_is_refused(CallKinds kinds, string method, string words)
    {
        var problem = Assert.Single(Check(Able with { CallKinds = kinds }, Bare.Descriptor), p => p.Contains($"/{method} ", StringComparison.Ordinal));
        AssertNames(problem, $"/anywire.samples.Bare/{method}", words, "wires://host:1", "another wire");
    }

    [Theory, InlineData("EventWithAnswer", "at-least-once"), InlineData("EventThatStreams", "best-effort")]
    public void An_event_must_be_unary_and_return_nothing(string method, string words)
    {
        var problem = Assert.Single(Check(Able, Wrong.Descriptor), p => p.Contains($"/{method} ", StringComparison.Ordinal));
        AssertNames(problem, $"/anywire.samples.Wrong/{method}", words, "google.protobuf.Empty", "Change its contract");
    }

    [Fact]
    public void An_event_that_may_come_twice_must_be_idempotent()
    {
        var problem = Assert.Single(Check(Able, Wrong.Descriptor), p => p.Contains("/EventNotIdempotent ", StringComparison.Ordinal));
        AssertNames(problem, "/anywire.samples.Wrong/EventNotIdempotent", "idempotency_level");
    }

    [Fact]
    public void A_wire_that_asks_again_carries_idempotent_replies_only()
    {
        var unary = new ContractTable([Whole.Descriptor, Bare.Descriptor]).All.Where(c => c.Type == Grpc.Core.MethodType.Unary);
        var problem = Assert.Single(EdgeCheck.Problems(unary, Address, Able with { RepliesMustBeIdempotent = true }, insecure: false));
        AssertNames(problem, "/anywire.samples.Bare/Ask", "wires://host:1", "asks again");
    }

    [Fact]
    public void A_message_larger_than_the_wire_carries_is_refused()
    {
        var small = Able with { MaxMessageBytes = 1_023 };
        var problem = Assert.Single(EdgeCheck.Problems(new ContractTable([Whole.Descriptor]).All.Where(c => c.FullName.EndsWith("Ask", StringComparison.Ordinal)), Address, small, insecure: false));
        AssertNames(problem, "/anywire.samples.Whole/Ask", "1,024 bytes", "1,023", "wires://host:1");
        Assert.Empty(EdgeCheck.Problems([MethodContract.Of(Whole.Descriptor.FindMethodByName("Ask"))], Address, Able with { MaxMessageBytes = 1_024 }, insecure: false));
    }

    private static IReadOnlyList<string> Check(TransportTraits traits, ServiceDescriptor service) =>
        EdgeCheck.Problems(new ContractTable([service]).All, Address, traits, insecure: false);

    private static void AssertNames(string problem, params string[] parts) =>
        Assert.All(parts, part => Assert.Contains(part, problem, StringComparison.Ordinal));
}
