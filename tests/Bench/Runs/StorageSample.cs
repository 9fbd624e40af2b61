namespace GuestOS.Bench.Runs;

/// <summary>One run of requests.</summary>
/// <param name="Hypercalls">Hypercalls a request.</param>
/// <param name="Rate">Requests a second, client and simulated host together.</param>
internal readonly record struct StorageSample(double Hypercalls, double Rate);
