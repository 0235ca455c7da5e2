using System.Reflection;
using Twite.Faults.History;
using Twite.Storage;

namespace Twite.Faults;

/// <summary>The process dies at each of Storage's named points while people post; then it is started again and everything is judged.</summary>
public sealed class CrashPointTests(Authors authors)
{
    private static readonly TimeSpan DeathTimeout = TimeSpan.FromSeconds(60);

    public static TheoryData<string> UnderLoad =>
    [
        $"messages/{CrashPoint.BeforeCommit}:30",
        $"messages/{CrashPoint.AfterCommitBeforePublish}:30",
        $"messages/{CrashPoint.AfterPublishBeforeMarkSent}:10",
        $"notifications/{CrashPoint.BeforeCommit}:10",
    ];

    [Theory, MemberData(nameof(UnderLoad))]
    public async Task Dying_there_loses_and_doubles_nothing(string crash)
    {
        await using var run = FaultRun.Create(authors);
        run.Server.Start(crash);
        await run.Server.WaitUntilReadyAsync();
        await run.BeginLoadAsync();

        await run.Server.WaitForDeathAsync(DeathTimeout);
        Assert.Contains("Crash point " + crash[..crash.IndexOf(':', StringComparison.Ordinal)], run.Server.Errors);
        run.Server.Start();
        await run.WaitForPostsAsync(30);

        var verdict = await run.JudgeAsync();
        Assert.True(verdict.Judgement == Judgement.Valid, verdict.ToString());
    }

    [Fact(Skip = LongForm.WhyNot, SkipUnless = nameof(LongForm.IsRequested), SkipType = typeof(LongForm))]
    public async Task Dying_in_a_migration_leaves_files_that_start_again()
    {
        await using var run = FaultRun.CreateEmpty();
        run.Server.Start("messages/" + CrashPoint.MidMigration);
        await run.Server.WaitForDeathAsync(DeathTimeout);
        Assert.Contains("Crash point messages/" + CrashPoint.MidMigration, run.Server.Errors);

        await run.AddAuthorsAsync();
        run.Server.Start();
        await run.Server.WaitUntilReadyAsync();
        await run.BeginLoadAsync();
        await run.WaitForPostsAsync(10);

        var verdict = await run.JudgeAsync();
        Assert.True(verdict.Judgement == Judgement.Valid, verdict.ToString());
    }

    [Fact]
    public void Every_named_point_is_tried()
    {
        var named = typeof(CrashPoint).GetFields(BindingFlags.Public | BindingFlags.Static).Where(f => f.IsLiteral)
            .Select(f => (string)f.GetRawConstantValue()!);
        var tried = UnderLoad.Select(row => row.Data.Split('/', ':')[1]).Append(CrashPoint.MidMigration);
        Assert.Empty(named.Except(tried));
    }
}
