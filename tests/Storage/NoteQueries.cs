using Dapper;

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

    public static List<string> Notes(this Database database) =>
        database.Read(c => c.Query<string>("SELECT text FROM notes ORDER BY id").ToList());
}
