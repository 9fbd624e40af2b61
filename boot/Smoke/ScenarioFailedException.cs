namespace GuestOS.Boot.Smoke;

/// <summary>A machine did not show what its scenario asks for.</summary>
/// <param name="message">What was expected and what was seen.</param>
internal sealed class ScenarioFailedException(string message) : Exception(message);
