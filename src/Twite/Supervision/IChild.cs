namespace Twite.Supervision;

/// <summary>One run of a supervised process.</summary>
internal interface IChild : IDisposable
{
    /// <summary>Its process id.</summary>
    int Id { get; }

    /// <summary>What it says of itself, until it ends. Read once.</summary>
    IAsyncEnumerable<ChildReport> ReadReportsAsync();

    /// <summary>Waits for its end.</summary>
    /// <returns>Its exit code; 128 and the signal's number when a signal ended it.</returns>
    Task<int> WaitForExitAsync();

    /// <summary>Asks it to drain and end.</summary>
    void Stop();

    /// <summary>Ends it at once.</summary>
    void Kill();
}
