namespace Anywire.Http.Json;

/// <summary>Which of a message's fields have been met. Allocates only beyond 64.</summary>
internal struct FieldSet
{
    private ulong _first;
    private HashSet<int>? _others;

    /// <summary>Notes it; false when it was there.</summary>
    public bool Add(int index)
    {
        if (index >= 64)
        {
            return (_others ??= []).Add(index);
        }
        var bit = 1UL << index;
        var isNew = (_first & bit) == 0;
        _first |= bit;
        return isNew;
    }
}
