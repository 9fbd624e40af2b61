namespace GuestOS.Boot.Smoke;

/// <summary>How a screen without anything on it is told from one with text.</summary>
internal static class BlankScreen
{
    /// <summary>
    /// A PNG of one colour takes about a byte for every 340 pixels: 2.3 KB at 1024 by 768, less than that for text modes; one line of
    /// text makes it larger.
    /// </summary>
    public const int LargestPng = 2500;
}
