namespace Anywire.Tcp.Tests.Bed;

/// <summary>For tests in which time matters, or that leave others none: nothing runs beside them.</summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone;
