using Anywire;
using Grpc.Core;
using Twite.Contracts;

namespace Twite.Messages;

/// <summary>Which part of a list sorted by id is asked for. Immutable.</summary>
/// <param name="Below">Only ids below this one.</param>
/// <param name="Above">Only ids above this one.</param>
/// <param name="OldestFirst">Those nearest to <paramref name="Above"/> come, not those nearest to <paramref name="Below"/>.</param>
/// <param name="Limit">At most so many.</param>
internal readonly record struct Window(long Below, long Above, bool OldestFirst, int Limit)
{
    private const int DefaultLimit = 20;
    private const int MaxLimit = 80;

    /// <summary>Reads a page.</summary>
    /// <exception cref="RpcException">INVALID_ARGUMENT: something is negative.</exception>
    public static Window Of(Page? page)
    {
        page ??= new Page();
        if (page.MaxId < 0 || page.SinceId < 0 || page.MinId < 0)
        {
            throw RpcErrors.InvalidArgument("page", "NEGATIVE_ID", "Ids are positive.");
        }
        if (page.Limit < 0)
        {
            throw RpcErrors.InvalidArgument("page.limit", "NEGATIVE", "A page has at least one message; 0 means the usual number.");
        }
        return new Window(
            page.MaxId == 0 ? long.MaxValue : page.MaxId,
            Math.Max(page.SinceId, page.MinId),
            page.MinId > 0,
            page.Limit == 0 ? DefaultLimit : Math.Min(page.Limit, MaxLimit));
    }

    /// <summary>Without what is newer than an id.</summary>
    public Window UpTo(long id) => this with { Below = id == long.MaxValue ? Below : Math.Min(Below, id + 1) };

    /// <summary>What remains after an id in the direction of reading.</summary>
    public Window After(long id, int limit) =>
        OldestFirst ? this with { Above = id, Limit = limit } : this with { Below = id, Limit = limit };
}
