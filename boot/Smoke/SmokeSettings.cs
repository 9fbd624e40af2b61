namespace GuestOS.Boot.Smoke;

/// <summary>How thorough and how patient the scenarios are.</summary>
/// <param name="SoakSeconds">Length of the soak inside the guest.</param>
/// <param name="LinkFrames">Frames of the link test, in each direction.</param>
/// <param name="Patience">Factor for all time limits: 1 suits an idle machine with two cores.</param>
internal sealed record SmokeSettings(int SoakSeconds, int LinkFrames, double Patience)
{
    /// <summary>The <c>smoke</c> command's.</summary>
    public static SmokeSettings Full { get; } = new(60, 100_000, 1);

    /// <summary>For <c>dotnet test</c>, where other test projects run at the same time.</summary>
    public static SmokeSettings Short { get; } = new(8, 5_000, 3);
}
