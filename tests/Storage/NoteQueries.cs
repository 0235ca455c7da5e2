namespace Twite.Storage;

internal static class NoteQueries
{
    public static Task<long> AddNoteAsync(this Database database, string text) => database.WriteAsync(
        session =>
        {
            var id = session.NextId().Id;
            session.Connection.Run("INSERT INTO notes (id, text) VALUES (?1, ?2)", id, text);
            return id;
        },
        CancellationToken.None);

    /// <summary>The same where nobody asks for the outcome.</summary>
    public static Task SendNoteAsync(this Database database, string text) => database.WriteAsync(
        session => session.Connection.Send("INSERT INTO notes (id, text) VALUES (?1, ?2)", session.NextId().Id, text), CancellationToken.None);

    public static List<string> Notes(this Database database) => database.Read(c => c.List(r => r.GetString(0), "SELECT text FROM notes ORDER BY id"));
}
