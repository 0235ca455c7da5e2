using Twite.Web.Live;

namespace Twite.Web.Tests.Live;

/// <summary>Requests of people who do not matter to a test.</summary>
internal static class PublicRequest
{
    extension(StreamRequest)
    {
        /// <summary>What everybody posts and deletes, for somebody else each time: nobody has too many streams.</summary>
        public static StreamRequest Public(long? sinceId) => StreamRequest.PublicOf(Random.Shared.NextInt64(), sinceId);
    }
}
