using DbUp.Builder;

namespace Twite.Storage;

/// <summary>What differs between a file and a server when a database is opened and when something goes wrong.</summary>
internal abstract class Engine : IDisposable
{
    /// <summary>Where the tables are, in people's words; no secret is in it.</summary>
    public abstract string Place { get; }

    /// <summary>The folder of embedded scripts that make the tables.</summary>
    public abstract string Scripts { get; }

    /// <summary>Whether other processes change the tables while this one runs.</summary>
    public abstract bool IsShared { get; }

    /// <summary>The most connections that read at once.</summary>
    public abstract int MaxReaders { get; }

    /// <summary>The most writes that share one commit.</summary>
    public abstract int MaxBatch { get; }

    /// <exception cref="StorageException">It cannot be opened.</exception>
    public abstract StorageConnection OpenWriter();

    /// <inheritdoc cref="OpenWriter"/>
    public abstract StorageConnection OpenReader();

    /// <summary>The names of the scripts that were run on it.</summary>
    /// <exception cref="StorageException">It is some other program's.</exception>
    public abstract IReadOnlySet<string> ReadJournal();

    /// <summary>Runs scripts on it.</summary>
    public abstract UpgradeEngineBuilder Upgrade();

    /// <summary>The exception for an error that is the storage's fault; null for one that is the statement's (a constraint, a mistake in SQL).</summary>
    public abstract StorageException? Explain(Exception error);

    /// <summary>Whether an error means that a connection is broken, and another may work.</summary>
    public virtual bool IsBroken(Exception error) => false;

    /// <inheritdoc/>
    public abstract void Dispose();
}
