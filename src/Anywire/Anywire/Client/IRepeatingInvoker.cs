using Grpc.Core;

namespace Anywire.Client;

/// <summary>A transport's invoker that makes further attempts of a unary call itself, as the waist decides: one object for a call, and not one around another.</summary>
internal interface IRepeatingInvoker
{
    /// <summary>Makes the call, and makes it again as long as <paramref name="attempts"/> says so.</summary>
    AsyncUnaryCall<TResponse> AsyncUnaryCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, CallOptions options, TRequest request, IAttempts attempts)
        where TRequest : class
        where TResponse : class;
}

/// <summary>What such an invoker asks and tells about each call. Any thread.</summary>
internal interface IAttempts
{
    /// <summary>A timestamp to give to <see cref="Ended"/>; 0 when durations are not recorded.</summary>
    long Now();

    /// <summary>The wait before the next attempt of a call whose last one failed; null when that was the last.</summary>
    /// <param name="method">The method.</param>
    /// <param name="contract">Its contract.</param>
    /// <param name="error">What the attempt failed with, and what the call fails with if there is to be no other.</param>
    /// <param name="attempt">The number of the attempt that failed, from 1.</param>
    /// <param name="deadline">Of the whole call.</param>
    TimeSpan? Next(IMethod method, MethodContract contract, RpcException error, int attempt, DateTime deadline);

    /// <summary>The call has ended.</summary>
    void Ended(IMethod method, StatusCode status, long startedAt);
}
