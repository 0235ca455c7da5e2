using System.Collections.Concurrent;

namespace Twite.Storage;

/// <summary>Connections for reading, each used by one thread at a time and kept for the next.</summary>
internal sealed class ReadPool : IDisposable
{
    private readonly Engine _engine;
    private readonly int _maxIdle;
    private readonly TimeSpan _patience;
    private readonly ConcurrentStack<StorageConnection> _idle = new();
    private readonly SemaphoreSlim? _room;
    private volatile bool _closed;

    /// <param name="engine">Opens the connections.</param>
    /// <param name="patience">How long a reader waits while all connections that there may be are in use.</param>
    public ReadPool(Engine engine, TimeSpan patience)
    {
        (_engine, _patience) = (engine, patience);
        var isBounded = engine.MaxReaders != int.MaxValue;
        _room = isBounded ? new SemaphoreSlim(engine.MaxReaders) : null;
        _maxIdle = isBounded ? engine.MaxReaders : 16;
    }

    public T Read<T>(Func<StorageConnection, T> query)
    {
        ObjectDisposedException.ThrowIf(_closed, this);
        if (_room is null)
        {
            return ReadNow(query);
        }
        if (!_room.Wait(_patience))
        {
            throw new StorageException(StorageFailure.Busy,
                $"All {_engine.MaxReaders} connections to {_engine.Place} have been in use for {_patience.TotalSeconds:0} s. Try again in a moment.");
        }
        try
        {
            return ReadNow(query);
        }
        finally
        {
            _room.Release();
        }
    }

    public void Dispose()
    {
        _closed = true;
        DropIdle();
    }

    private T ReadNow<T>(Func<StorageConnection, T> query)
    {
        try
        {
            return ReadOnAny(query);
        }
        catch (Exception error)
        {
            if (_engine.Explain(error) is not { } failure)
            {
                throw;
            }
            if (failure.Failure == StorageFailure.Away)
            {
                // The others were opened to the same server: it is gone for them too.
                DropIdle();
            }
            throw failure;
        }
    }

    private T ReadOnAny<T>(Func<StorageConnection, T> query)
    {
        if (_idle.TryPop(out var kept))
        {
            try
            {
                return ReadOn(kept, query);
            }
            catch (Exception error) when (_engine.IsBroken(error))
            {
                // It broke while nobody used it, and the others with it.
                DropIdle();
            }
        }
        return ReadOn(_engine.OpenReader(), query);
    }

    private T ReadOn<T>(StorageConnection connection, Func<StorageConnection, T> query)
    {
        try
        {
            connection.BeginRead();
            var result = query(connection);
            connection.Commit();
            GiveBack(connection);
            return result;
        }
        catch
        {
            // Whatever state it is in, the next reader shall not find out.
            connection.Dispose();
            throw;
        }
    }

    private void GiveBack(StorageConnection connection)
    {
        if (_closed || _idle.Count >= _maxIdle)
        {
            connection.Dispose();
            return;
        }
        _idle.Push(connection);
        if (_closed)
        {
            DropIdle();
        }
    }

    private void DropIdle()
    {
        while (_idle.TryPop(out var connection))
        {
            connection.Dispose();
        }
    }
}
