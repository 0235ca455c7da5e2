using Anywire.Tests.Samples;
using Google.Protobuf.Reflection;
using Grpc.Core;

namespace Anywire.Tests;

public sealed class MethodContractTests
{
    [Fact]
    public void A_whole_contract_is_read()
    {
        var contract = Read(Whole.Descriptor, "Ask");
        Assert.Equal("/anywire.samples.Whole/Ask", contract.FullName);
        Assert.Equal(Delivery.Reply, contract.Delivery);
        Assert.Equal(TimeSpan.FromSeconds(2.5), contract.Deadline);
        Assert.Equal((512, 1024), (contract.MaxRequestBytes, contract.MaxReplyBytes));
        Assert.Equal(["web", "lab"], contract.AllowedCallers);
        Assert.True(contract.IsIdempotent);
        Assert.False(contract.ReturnsEmpty);
    }

    [Theory, InlineData("Tell", Delivery.AtLeastOnce, true), InlineData("Shout", Delivery.BestEffort, false)]
    public void A_delivery_is_read(string method, Delivery delivery, bool idempotent)
    {
        var contract = Read(Whole.Descriptor, method);
        Assert.Equal((delivery, idempotent, true), (contract.Delivery, contract.IsIdempotent, contract.ReturnsEmpty));
    }

    [Fact]
    public void A_method_without_options_has_the_defaults()
    {
        var contract = Read(Bare.Descriptor, "Ask");
        Assert.Equal(Delivery.Reply, contract.Delivery);
        Assert.Equal(TimeSpan.FromSeconds(10), contract.Deadline);
        Assert.Equal((4_194_304, 4_194_304), (contract.MaxRequestBytes, contract.MaxReplyBytes));
        Assert.Empty(contract.AllowedCallers);
        Assert.False(contract.IsIdempotent);
    }

    [Theory]
    [InlineData("Ask", MethodType.Unary)]
    [InlineData("Watch", MethodType.ServerStreaming)]
    [InlineData("Collect", MethodType.ClientStreaming)]
    [InlineData("Talk", MethodType.DuplexStreaming)]
    public void The_kind_of_call_is_read(string method, MethodType type) => Assert.Equal(type, Read(Bare.Descriptor, method).Type);

    [Fact]
    public void The_table_knows_each_method_once()
    {
        var table = new ContractTable([Whole.Descriptor, Bare.Descriptor, Whole.Descriptor]);
        Assert.Equal(7, table.All.Count());
        Assert.Equal(["Ask", "Watch", "Collect", "Talk"], table.Of(Bare.Descriptor).Select(c => c.FullName.Split('/')[2]));
        Assert.Equal(2, table.Services.Length);
    }

    [Fact]
    public void A_method_that_was_not_registered_has_the_defaults()
    {
        var marshaller = Marshallers.StringMarshaller;
        var contract = new ContractTable([])[new Method<string, string>(MethodType.ClientStreaming, "some.Service", "Method", marshaller, marshaller)];
        Assert.Equal("/some.Service/Method", contract.FullName);
        Assert.Equal(MethodType.ClientStreaming, contract.Type);
        Assert.Equal(MethodContract.DefaultDeadline, contract.Deadline);
    }

    private static MethodContract Read(ServiceDescriptor service, string method) => MethodContract.Of(service.FindMethodByName(method));
}
