namespace GuestOS.Fuzz.Targets;

/// <summary>Runs of bytes with their places, over content that is long and mostly sound: a place and a count, two bytes and one, then the bytes.</summary>
internal static class Patches
{
    /// <summary>A run as it stands in an input.</summary>
    public static byte[] At(int place, params byte[] bytes) => [(byte)(place >> 8), (byte)place, (byte)bytes.Length, .. bytes];

    /// <summary>Takes runs from the input, so many at most, and lays them over the content. What leaves it is left out.</summary>
    public static void Apply(Decisions decisions, Span<byte> content, int mostRuns)
    {
        for (var run = 0; run < mostRuns && !decisions.IsUsedUp && content.Length > 0; run++)
        {
            var place = decisions.Next(content.Length);
            for (var count = decisions.Next(); count > 0 && !decisions.IsUsedUp; count--, place++)
            {
                var value = (byte)decisions.Next();
                if (place < content.Length)
                    content[place] = value;
            }
        }
    }
}
