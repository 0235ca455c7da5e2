namespace Anywire.Tcp.Tests.Bed;

/// <summary>For tests in which time matters: nothing else runs beside them.</summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone;
