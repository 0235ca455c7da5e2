using System.Text;

namespace Twite.Web.Live;

/// <summary>Turns events into what a stream carries: HTML fragments for the pages, JSON for programs. What it makes is sent to every
/// stream served with the same instance, so register one instance and let nothing in it depend on who is looking. Called from many
/// threads at once.</summary>
public interface IChangeRenderer
{
    /// <summary>Renders some events, one result for each and in their order; null where the stream shows nothing for it. May call
    /// services (an author's profile), best once for the whole list.</summary>
    /// <exception cref="Grpc.Core.RpcException">Something needed cannot be had right now: the streams concerned read these changes again
    /// a little later, nothing is lost. The same after 2 s without a result. Any other exception leaves the event that caused it out,
    /// and is logged as an error.</exception>
    ValueTask<IReadOnlyList<RenderedEvent?>> RenderAsync(IReadOnlyList<StreamEvent> events, CancellationToken cancellationToken);
}

/// <summary>One event as it goes out.</summary>
/// <param name="Name">The SSE event's name, one line: <c>update</c>.</param>
/// <param name="Data">Its data, UTF-8. Line breaks in it arrive as <c>\n</c>.</param>
public sealed record RenderedEvent(string Name, ReadOnlyMemory<byte> Data)
{
    /// <summary>An event whose data is text.</summary>
    public RenderedEvent(string name, string data) : this(name, Encoding.UTF8.GetBytes(data))
    {
    }
}
