namespace GuestOS.Kernel.Handoff;

/// <summary>One device took over from another, or did not.</summary>
/// <param name="From">Who served until now.</param>
/// <param name="To">Who serves now, or would have.</param>
/// <param name="InFlight">Requests that were on their way when it began.</param>
/// <param name="Held">How long requests were held.</param>
/// <param name="Error">Why it did not take place; null when it did.</param>
internal sealed record HandoffReport(HandoffParty From, HandoffParty To, long InFlight, TimeSpan Held, string? Error);

/// <summary>One side of a hand-off.</summary>
/// <param name="Name">Name of the device.</param>
/// <param name="Driver">Name of its driver.</param>
/// <param name="Bus">Its bus, as the <c>device</c> event names it.</param>
/// <param name="Address">Its place on that bus.</param>
/// <param name="Id">What both sides serve.</param>
/// <param name="IsLost">It is gone, or about to go.</param>
internal sealed record HandoffParty(string Name, string Driver, string Bus, string Address, string Id, bool IsLost);
