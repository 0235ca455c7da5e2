using System.Data.Common;
using Google.Protobuf.WellKnownTypes;
using Twite.Contracts;

namespace Twite.Accounts;

/// <summary>An account as it is read. Immutable.</summary>
internal sealed record AccountRow(long Id, string Name, string DisplayName, string Biography, long CreatedAt, long State)
{
    /// <summary>The columns, for every query that reads accounts as <c>a</c>, in the order of <see cref="Read"/>.</summary>
    public const string Columns =
        "a.id AS Id, a.name AS Name, a.display_name AS DisplayName, a.biography AS Biography, a.created_at AS CreatedAt, a.state AS State";

    /// <summary>Whether an operator has suspended it.</summary>
    public bool IsSuspended => State == (long)AccountState.Suspended;

    /// <summary>Reads the columns from the first one on.</summary>
    public static AccountRow Read(DbDataReader row) =>
        new(row.GetInt64(0), row.GetString(1), row.GetString(2), row.GetString(3), row.GetInt64(4), row.GetInt64(5));

    /// <summary>As others see it.</summary>
    public Account ToContract() => new()
    {
        Id = Id,
        Name = Name,
        DisplayName = DisplayName.Length == 0 ? Name : DisplayName,
        Biography = Biography,
        CreatedAt = Timestamp.FromDateTimeOffset(DateTimeOffset.FromUnixTimeMilliseconds(CreatedAt)),
        Suspended = IsSuspended,
    };
}
