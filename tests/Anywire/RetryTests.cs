using Anywire.Client;
using Grpc.Core;
using Microsoft.Extensions.Time.Testing;

namespace Anywire.Tests;

public sealed class RetryTests
{
    private static readonly MethodContract Idempotent = new() { FullName = "/s/m", Type = MethodType.Unary, IsIdempotent = true };
    private static readonly MethodContract Once = Idempotent with { IsIdempotent = false };
    private static readonly RpcException Away = new(new Status(StatusCode.Unavailable, "away"));

    private readonly FakeTimeProvider _time = new();

    [Theory]
    [InlineData(1, 50)]
    [InlineData(2, 100)]
    [InlineData(3, 200)]
    [InlineData(5, 800)]
    [InlineData(6, 1_000)]
    [InlineData(60, 1_000)]
    public void A_wait_is_drawn_evenly_up_to_a_bound_that_doubles(int attempt, int boundMilliseconds)
    {
        var policy = new RetryPolicy(new RetryOptions { MaxAttempts = 100, BudgetReserve = 1_000_000 }, _time, new Random(1));
        var bound = TimeSpan.FromMilliseconds(boundMilliseconds);
        var waits = Enumerable.Range(0, 4_000).Select(_ => policy.NextWait(Away, Idempotent, attempt, DateTime.MaxValue)!.Value).ToList();
        Assert.All(waits, wait => Assert.InRange(wait, TimeSpan.Zero, bound));
        // Full jitter: from nothing to all, with half of it on average.
        Assert.True(waits.Min() < bound * 0.01 && waits.Max() > bound * 0.99, $"Waits were from {waits.Min()} to {waits.Max()}.");
        Assert.InRange(waits.Average(w => w.TotalMilliseconds), boundMilliseconds * 0.45, boundMilliseconds * 0.55);
    }

    [Fact]
    public void Attempts_are_counted()
    {
        var policy = new RetryPolicy(new RetryOptions { MaxAttempts = 3 }, _time, new Random(1));
        Assert.NotNull(policy.NextWait(Away, Idempotent, 2, DateTime.MaxValue));
        Assert.Null(policy.NextWait(Away, Idempotent, 3, DateTime.MaxValue));
    }

    [Fact]
    public void Only_what_may_be_repeated_is_repeated()
    {
        var policy = new RetryPolicy(new RetryOptions(), _time, new Random(1));
        var neverSent = NotExecuted.Because("unreachable", "nobody");
        Assert.Null(policy.NextWait(Away, Once, 1, DateTime.MaxValue));
        Assert.NotNull(policy.NextWait(neverSent, Once, 1, DateTime.MaxValue));
        Assert.NotNull(policy.NextWait(neverSent, Idempotent, 1, DateTime.MaxValue));
        foreach (var code in Enum.GetValues<StatusCode>().Where(c => c != StatusCode.Unavailable))
        {
            Assert.Null(policy.NextWait(new RpcException(new Status(code, "")), Idempotent, 1, DateTime.MaxValue));
        }
    }

    [Fact]
    public void A_wait_that_would_outlast_the_deadline_is_not_begun()
    {
        var options = new RetryOptions { BaseDelay = TimeSpan.FromSeconds(10), MaxDelay = TimeSpan.FromSeconds(10), BudgetReserve = 10_000 };
        var policy = new RetryPolicy(options, _time, new Random(1));
        var deadline = _time.GetUtcNow().UtcDateTime + TimeSpan.FromSeconds(5);
        var waits = Enumerable.Range(0, 1_000).Select(_ => policy.NextWait(Away, Idempotent, 1, deadline)).ToList();
        Assert.All(waits.OfType<TimeSpan>(), wait => Assert.True(wait < TimeSpan.FromSeconds(5)));
        Assert.InRange(waits.Count(w => w is null), 400, 600);
        _time.Advance(TimeSpan.FromSeconds(5));
        Assert.Null(policy.NextWait(Away, Idempotent, 1, deadline));
    }

    [Fact]
    public void Retries_are_a_tenth_of_the_calls_at_most()
    {
        var options = new RetryOptions();
        var policy = new RetryPolicy(options, _time, new Random(1));
        var retries = 0;
        for (var call = 0; call < 10_000; call++)
        {
            policy.OnCall();
            for (var attempt = 1; policy.NextWait(Away, Idempotent, attempt, DateTime.MaxValue) is not null; attempt++)
            {
                retries++;
            }
        }
        Assert.InRange(retries, 990, 1_000 + options.BudgetReserve);
    }

    [Fact]
    public void The_budget_saves_up_no_more_than_its_reserve()
    {
        var budget = new RetryBudget(new RetryOptions { BudgetReserve = 5 });
        for (var i = 0; i < 1_000; i++)
        {
            budget.Earn();
        }
        Assert.Equal(5, Enumerable.Range(0, 100).Count(_ => budget.TrySpend()));
        for (var i = 0; i < 10; i++)
        {
            Assert.False(budget.TrySpend());
            budget.Earn();
        }
        Assert.True(budget.TrySpend());
    }

    [Fact]
    public async Task The_budget_is_exact_under_contention()
    {
        var budget = new RetryBudget(new RetryOptions { BudgetReserve = 10_000 });
        var spent = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => Enumerable.Range(0, 5_000).Count(_ => budget.TrySpend()))));
        Assert.Equal(10_000, spent.Sum());
    }
}
