using Anywire.Brokers;

[assembly: AssemblyFixture(typeof(NatsTestServer))]
[assembly: AssemblyFixture(typeof(RabbitMqTestServer))]
[assembly: AssemblyFixture(typeof(SecuredNatsTestServer))]
