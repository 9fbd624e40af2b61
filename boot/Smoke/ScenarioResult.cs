using GuestOS.Boot.Events;

namespace GuestOS.Boot.Smoke;

/// <summary>How a scenario went.</summary>
internal enum Verdict
{
    /// <summary>It showed what it should.</summary>
    Passed,

    /// <summary>It did not.</summary>
    Failed,

    /// <summary>It could not be run.</summary>
    Skipped,
}

/// <summary>The outcome of one scenario.</summary>
/// <param name="Scenario">The scenario.</param>
/// <param name="Verdict">How it went.</param>
/// <param name="Message">Why it failed or was skipped; what it measured when it passed.</param>
/// <param name="Duration">Time from start to end.</param>
/// <param name="Events">Events of its machines.</param>
/// <param name="Folder">Where logs are kept; null when it did not fail.</param>
internal sealed record ScenarioResult(
    Scenario Scenario, Verdict Verdict, string Message, TimeSpan Duration, IReadOnlyList<GuestEvent> Events, string? Folder);
