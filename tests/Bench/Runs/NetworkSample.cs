namespace GuestOS.Bench.Runs;

/// <summary>One run of frames.</summary>
/// <param name="Allocated">Bytes of the managed heap that a frame takes in the guest.</param>
/// <param name="Hypercalls">Hypercalls a frame.</param>
/// <param name="Rate">Frames a second, client and simulated host together.</param>
internal readonly record struct NetworkSample(double Allocated, double Hypercalls, double Rate);
