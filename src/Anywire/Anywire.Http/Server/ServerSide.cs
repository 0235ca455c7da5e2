using Anywire.Http.Json;
using Anywire.Http.Mapping;
using Microsoft.Extensions.Logging;

namespace Anywire.Http.Server;

/// <summary>What all methods of a listener share. Any thread may use it.</summary>
/// <param name="Codec">Reads and writes JSON.</param>
/// <param name="Problems">Writes failures.</param>
/// <param name="Time">The clock.</param>
/// <param name="Loggers">Where it is told what is wrong with handlers.</param>
internal sealed record ServerSide(JsonCodec Codec, Problems Problems, TimeProvider Time, ILoggerFactory Loggers);
