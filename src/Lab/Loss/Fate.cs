namespace Twite.Lab.Loss;

/// <summary>What becomes of one datagram.</summary>
internal enum Fate
{
    /// <summary>It goes on.</summary>
    Passes,

    /// <summary>It does not.</summary>
    IsLost,

    /// <summary>It goes on twice.</summary>
    Doubles,

    /// <summary>It goes on after the next one.</summary>
    IsLate,
}
