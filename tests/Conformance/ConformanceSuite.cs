using System.Reflection;
using Xunit.v3;

namespace Anywire.Conformance;

/// <summary>What every transport must do (design, section 3), by subject in the files of <c>Cases</c>. A transport's class says only how
/// to make it.</summary>
public abstract partial class ConformanceSuite : IAsyncLifetime
{
    private readonly List<Stage> _stages = [];
    private readonly Lazy<TransportUnderTest> _wire;
    private string? _skipped;

    protected ConformanceSuite() => _wire = new Lazy<TransportUnderTest>(Create);

    /// <summary>A new transport for one case.</summary>
    protected abstract TransportUnderTest Create();

    private TransportUnderTest Wire => _wire.Value;

    public virtual ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        foreach (var stage in _stages)
        {
            await stage.DisposeAsync();
        }
        if (TestContext.Current is { TestMethod: IXunitTestMethod { Method: var method }, TestState: { } state })
        {
            var word = state.Result switch
            {
                TestResult.Passed => "ok",
                TestResult.Skipped => "skip",
                _ => "FAIL",
            };
            var matrix = await TestContext.Current.GetFixture<Matrix>();
            matrix?.Note(Path.GetFileNameWithoutExtension(method.GetCustomAttribute<FactAttribute>()?.SourceFilePath) ?? "", method.Name, Wire.Name, word, _skipped);
        }
        GC.SuppressFinalize(this);
    }

    /// <summary>A server and a client, gone when the case ends.</summary>
    private async Task<Stage> OpenAsync(StageOptions? options = null, TransportUnderTest? wire = null)
    {
        var stage = await Stage.OpenAsync(wire ?? Wire, options ?? new StageOptions());
        _stages.Add(stage);
        return stage;
    }

    /// <summary>Skips the case where the transport declares that it lacks a kind of call.</summary>
    private void Needs(CallKinds kinds) =>
        SkipUnless((Wire.Traits.CallKinds & kinds) == kinds, $"{Wire.Traits.Name} declares to carry {Wire.Traits.CallKinds} calls only");

    /// <summary>Whether the transport declares to carry a kind of call, for the cases that go through all kinds there are.</summary>
    private bool Carries(CallKinds kind) => Wire.Traits.CallKinds.HasFlag(kind);

    /// <summary>Skips the case where the transport declares that it carries no message of that size.</summary>
    private void NeedsMessagesOf(int bytes) =>
        SkipUnless(Wire.Traits.MaxMessageBytes >= bytes, $"{Wire.Traits.Name} declares to carry at most {Wire.Traits.MaxMessageBytes:N0} bytes");

    private void SkipUnless(bool condition, string reason)
    {
        _skipped = reason;
        Assert.SkipUnless(condition, reason);
    }
}
