namespace Twite.Lab.Load;

/// <summary>What a loop of calls came to.</summary>
/// <param name="Calls">Calls that ended, failed ones too.</param>
/// <param name="Failures">Calls that failed or were answered wrongly; their latencies are among the others.</param>
/// <param name="Failed">The numbers of those that failed, of the first of them only: <see cref="Tally.MostNoted"/>.</param>
/// <param name="FirstFailure">What the first failure said; null when there was none.</param>
/// <param name="Elapsed">From the first call's beginning to the last one's end; of an open loop until the last was sent.</param>
/// <param name="Late">Of the sends of an open loop: those that left later than was tolerated.</param>
/// <param name="Latencies">Of every call; in an open loop from the intended time.</param>
internal sealed record LoopResult(long Calls, long Failures, IReadOnlyList<long> Failed, string? FirstFailure, TimeSpan Elapsed, long Late, Latencies Latencies);
