using Npgsql;

namespace Twite.Storage;

public sealed class PostgresErrorsTests
{
    [Theory]
    [InlineData(PostgresErrorCodes.UniqueViolation)]
    [InlineData(PostgresErrorCodes.NumericValueOutOfRange)]
    [InlineData(PostgresErrorCodes.UndefinedColumn)]
    [InlineData(PostgresErrorCodes.ProgramLimitExceeded)]
    public void What_a_statement_is_to_blame_for_is_not_explained_away(string code) => Assert.Null(Explain(code));

    [Theory]
    [InlineData(PostgresErrorCodes.AdminShutdown, StorageFailure.Away)]
    [InlineData(PostgresErrorCodes.OutOfMemory, StorageFailure.Away)]
    [InlineData(PostgresErrorCodes.InternalError, StorageFailure.Away)]
    [InlineData(PostgresErrorCodes.SystemError, StorageFailure.Away)]
    // A prepared statement whose table was changed by a newer version, or which a pooler in between has lost.
    [InlineData(PostgresErrorCodes.FeatureNotSupported, StorageFailure.Away)]
    [InlineData(PostgresErrorCodes.InvalidSqlStatementName, StorageFailure.Away)]
    [InlineData(PostgresErrorCodes.SerializationFailure, StorageFailure.Away)]
    [InlineData(PostgresErrorCodes.LockNotAvailable, StorageFailure.Busy)]
    [InlineData(PostgresErrorCodes.TooManyConnections, StorageFailure.Busy)]
    [InlineData(PostgresErrorCodes.InsufficientPrivilege, StorageFailure.Denied)]
    public void Whatever_else_a_server_says_is_a_failure_of_storage(string code, StorageFailure failure) => Assert.Equal(failure, Explain(code)!.Failure);

    private static StorageException? Explain(string code) => PostgresErrors.Explain(new PostgresException("said", "ERROR", "ERROR", code), "PostgreSQL at there");
}
