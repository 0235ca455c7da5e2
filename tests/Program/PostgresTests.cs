using Npgsql;
using Twite.Postgres;

[assembly: AssemblyFixture(typeof(PostgresTestServer))]

namespace Twite.ProgramTests;

/// <summary>The program with its tables on a PostgreSQL server: what it does there, and what it says when it cannot.</summary>
public sealed class PostgresTests(PostgresTestServer server) : IDisposable
{
    private const string Setting = "--Storage:ConnectionString=";

    private readonly CommandLine _twite = new();

    [Fact]
    public async Task Seeding_and_the_operators_tools_work_on_it()
    {
        var database = await server.CreateDatabaseAsync();
        var seeded = await RunAsync(database, "seed", "--demo", "20");
        Assert.True(seeded.ExitCode == 0, seeded.Errors);
        Assert.Equal(0, (await RunAsync(database, "seed", "--demo", "20")).ExitCode);
        Assert.Equal("20", await AskAsync(database, "SELECT count(*)::text FROM accounts.accounts"));
        Assert.Equal("200", await AskAsync(database, "SELECT count(*)::text FROM messages.messages"));

        var name = await AskAsync(database, "SELECT name FROM accounts.accounts ORDER BY id LIMIT 1");
        var token = await RunAsync(database, "admin", "token", name);
        Assert.True(token.ExitCode == 0, token.Errors);
        Assert.Matches("^[A-Za-z0-9_-]{43}\r?\n$", token.Output);
        Assert.Empty(Directory.EnumerateFiles(_twite.Data, "*.db"));
    }

    [Fact]
    public async Task A_second_seeding_doubles_nothing_when_the_keys_are_long_forgotten_and_a_new_network_is_seeded_from_the_beginning()
    {
        var database = await server.CreateDatabaseAsync();
        string[] seed = ["seed", "--graph", _twite.Write("graph.txt", "a b\n"), "--messages", _twite.Write("messages.txt", "hello\n")];
        Assert.Contains("1 new messages of 1", (await RunAsync(database, seed)).Output);
        await AskAsync(database, "DELETE FROM messages.idempotency_keys; SELECT 'done'");
        Assert.Contains("0 new messages of 1", (await RunAsync(database, seed)).Output);
        Assert.Equal("1", await AskAsync(database, "SELECT count(*)::text FROM messages.messages"));
        // With the same data directory, which remembers the first.
        Assert.Contains("1 new messages of 1", (await RunAsync(await server.CreateDatabaseAsync(), seed)).Output);
    }

    [Fact]
    public async Task Each_service_may_have_a_role_of_its_own_that_sees_nothing_of_the_others()
    {
        var database = await server.CreateDatabaseAsync();
        string[] services = ["accounts", "messages", "follows"];
        var settings = new List<string>();
        foreach (var service in services)
        {
            await AskAsync(database, $"CREATE ROLE test_{service} LOGIN PASSWORD 'hunter22'; CREATE SCHEMA {service} AUTHORIZATION test_{service}; SELECT 'made'");
            settings.Add($"--{service}:ConnectionString={As(service)}");
        }
        var seeded = await _twite.RunAsync(["seed", "--demo", "10", "--data", _twite.Data, .. settings]);
        Assert.True(seeded.ExitCode == 0, seeded.Errors);
        Assert.Equal("10", await AskAsync(As("accounts"), "SELECT count(*)::text FROM accounts.accounts"));
        await Assert.ThrowsAsync<PostgresException>(() => AskAsync(As("messages"), "SELECT count(*)::text FROM accounts.accounts"));

        string As(string service) =>
            new NpgsqlConnectionStringBuilder(database) { Username = $"test_{service}", Password = "hunter22" }.ConnectionString;
    }

    [Theory]
    [InlineData("postgres://twite:hunter22@db/twite")]
    [InlineData("Host=db;Port=hunter22")]
    [InlineData("Host=db;Passwort=hunter22")]
    [InlineData("Database=twite;Password=hunter22")]
    public async Task A_connection_string_that_is_none_is_said_without_repeating_it(string connectionString) =>
        Says(2, "Storage:ConnectionString", await RunAsync(connectionString, "admin", "token", "alice"));

    [Fact]
    public async Task A_server_that_is_not_there_is_said() =>
        Says(1, "cannot be reached", await RunAsync("Host=127.0.0.1;Port=1;Database=twite;Username=twite;Password=hunter22", "admin", "token", "alice"));

    [Fact]
    public async Task A_wrong_password_is_said() => Says(1, "does not let this program in", await RunAsync(
        new NpgsqlConnectionStringBuilder(await server.CreateDatabaseAsync()) { Password = "hunter22" }.ConnectionString, "admin", "token", "alice"));

    [Fact]
    public async Task A_database_that_is_not_there_is_said() => Says(1, "no such database", await RunAsync(
        new NpgsqlConnectionStringBuilder(await server.CreateDatabaseAsync()) { Database = "nowhere" }.ConnectionString, "admin", "token", "alice"));

    [Fact]
    public async Task Tables_of_a_newer_version_are_said()
    {
        var database = await server.CreateDatabaseAsync();
        Assert.Equal(1, (await RunAsync(database, "admin", "token", "alice")).ExitCode);
        await AskAsync(database, "INSERT INTO accounts.schemaversions (scriptname, applied) VALUES ('0099-of-the-future.sql', now()) RETURNING scriptname");
        Says(1, "newer version", await RunAsync(database, "admin", "token", "alice"));
    }

    [Fact]
    public async Task Tables_of_some_other_program_are_said_and_left_alone()
    {
        var database = await server.CreateDatabaseAsync();
        await AskAsync(database, "CREATE SCHEMA accounts; CREATE TABLE accounts.ledger AS SELECT 'mine' AS entry; SELECT entry FROM accounts.ledger");
        Says(1, "some other program", await RunAsync(database, "admin", "token", "alice"));
        Assert.Equal("mine", await AskAsync(database, "SELECT entry FROM accounts.ledger"));
    }

    public void Dispose() => _twite.Dispose();

    private Task<CommandResult> RunAsync(string connectionString, params string[] arguments) =>
        _twite.RunAsync([.. arguments, "--data", _twite.Data, Setting + connectionString]);

    private static void Says(int code, string what, CommandResult result)
    {
        Assert.True(code == result.ExitCode, $"{result.ExitCode}: {result.Errors}");
        Assert.Contains(what, result.Errors);
        Assert.Empty(result.Output);
        Assert.DoesNotContain("hunter22", result.Errors);
        Assert.DoesNotContain("   at ", result.Errors);
        Assert.Single(result.Errors.Trim().Split('\n'));
    }

    private static async Task<string> AskAsync(string connectionString, string sql)
    {
        await using var connection = new NpgsqlConnection(connectionString + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
#pragma warning disable CA2100 // the tests' own
        command.CommandText = sql;
#pragma warning restore CA2100
        return (string)(await command.ExecuteScalarAsync())!;
    }
}
