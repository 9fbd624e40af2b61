namespace GuestOS.Drivers.Synthetic.Storage;

/// <summary>What a look at one place found.</summary>
/// <param name="Description">A logical unit that can be used; null when there is none.</param>
/// <param name="IsAbsent">The host says that nothing is there.</param>
internal readonly record struct LunLook(LunDescription? Description, bool IsAbsent)
{
    /// <summary>Nothing is there.</summary>
    public static LunLook Absent => new(null, true);

    /// <summary>The host did not say anything that can be used. What was there before may still be.</summary>
    public static LunLook Unknown => default;
}
