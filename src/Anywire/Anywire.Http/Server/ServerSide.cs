using Anywire.Http.Json;
using Anywire.Http.Mapping;

namespace Anywire.Http.Server;

/// <summary>What all methods of a listener share. Any thread may use it.</summary>
/// <param name="Codec">Reads and writes JSON.</param>
/// <param name="Problems">Writes failures.</param>
/// <param name="Time">The clock.</param>
internal sealed record ServerSide(JsonCodec Codec, Problems Problems, TimeProvider Time);
