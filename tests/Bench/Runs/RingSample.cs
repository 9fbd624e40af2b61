namespace GuestOS.Bench.Runs;

/// <summary>One run of packets of one size.</summary>
/// <param name="Send">Nanoseconds until a packet is in the ring.</param>
/// <param name="Receive">Nanoseconds until a packet is out of the ring, checked.</param>
/// <param name="CopyIn">Nanoseconds of a copy of the same bytes into a buffer as large as the ring.</param>
/// <param name="CopyOut">Nanoseconds of a copy of them out of it.</param>
/// <param name="Allocated">Bytes of the managed heap a packet takes, both ways together.</param>
internal readonly record struct RingSample(double Send, double Receive, double CopyIn, double CopyOut, double Allocated);
