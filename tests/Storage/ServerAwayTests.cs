using DbUp.Builder;
using Microsoft.Extensions.Logging.Abstractions;

namespace Twite.Storage;

/// <summary>Writes that wait for a server that is away: each try to reach it takes seconds.</summary>
public sealed class ServerAwayTests : IAsyncLifetime
{
    private const int Waiting = 5;

    private readonly DatabaseBed _bed = new();

    public ValueTask InitializeAsync() => _bed.InitializeAsync();

    public ValueTask DisposeAsync() => _bed.DisposeAsync();

    [Theory, InlineData(false), InlineData(true)]
    public async Task All_that_wait_are_refused_when_one_has_tried_it(bool closing)
    {
        using var engine = new EngineThatGoesAway(SqliteEngine.Open(_bed.Options, NullLogger.Instance));
        using var commits = new CommitLoop(_bed.Options, engine, new OutboxWriter("notes", _bed.Time), NullLogger.Instance, _bed.Time);
        await commits.WriteAsync(s => s.NextId(), CancellationToken.None);

        engine.GoAway();
        var writes = new List<Task> { commits.WriteAsync(s => s.NextId(), CancellationToken.None) };
        await DatabaseBed.UntilAsync(() => engine.Tries == 1);
        writes.AddRange(Enumerable.Range(0, Waiting).Select(_ => commits.WriteAsync(s => s.NextId(), CancellationToken.None)));
        var closed = closing ? Task.Run(commits.Dispose, TestContext.Current.CancellationToken) : Task.CompletedTask;
        if (closing)
        {
            await DatabaseBed.UntilAsync(() => commits.WriteAsync(s => s.NextId(), CancellationToken.None).Exception?.InnerException is StorageException { Failure: StorageFailure.Closed });
        }
        engine.Answers.Set();
        foreach (var write in writes)
        {
            Assert.Equal(StorageFailure.Away, (await Assert.ThrowsAsync<StorageException>(() => write)).Failure);
        }
        await closed;
        Assert.Equal(1, engine.Tries);
        if (!closing)
        {
            engine.ComeBack();
            await commits.WriteAsync(s => s.NextId(), CancellationToken.None);
        }
    }

    /// <summary>A file that cannot be reached at times, as a server.</summary>
    private sealed class EngineThatGoesAway(Engine file) : Engine
    {
        private StorageConnection? _writer;
        private volatile bool _isAway;
        private int _tries;

        /// <summary>Set when it is known that nobody answers.</summary>
        public ManualResetEventSlim Answers { get; } = new(false);

        /// <summary>How often it was tried while it was away.</summary>
        public int Tries => Volatile.Read(ref _tries);

        public override string Place => file.Place;

        public override string Scripts => file.Scripts;

        public override bool IsShared => true;

        public override int MaxReaders => file.MaxReaders;

        public override int MaxBatch => file.MaxBatch;

        public void GoAway()
        {
            _isAway = true;
            // What is open breaks.
            _writer!.Dispose();
        }

        public void ComeBack() => _isAway = false;

        public override StorageConnection OpenWriter()
        {
            if (_isAway)
            {
                Interlocked.Increment(ref _tries);
                Answers.Wait();
                throw new StorageException(StorageFailure.Away, "It cannot be reached.");
            }
            return _writer = file.OpenWriter();
        }

        public override StorageConnection OpenReader() => file.OpenReader();

        public override IReadOnlySet<string> ReadJournal() => file.ReadJournal();

        public override UpgradeEngineBuilder Upgrade() => file.Upgrade();

        public override StorageException? Explain(Exception error) => error as StorageException ?? file.Explain(error);

        public override bool IsBroken(Exception error) => error is not StorageException;

        public override void Dispose()
        {
            Answers.Dispose();
            file.Dispose();
        }
    }
}
