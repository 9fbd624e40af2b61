namespace GuestOS.Kernel.Tests.Fakes;

/// <summary>
/// The system's clock, on which a wait of a second or more takes sixty times as long: a build host that is busy does not let a deadline pass
/// that a test is not about. Shorter waits, such as the latencies of a simulated host, are as they are.
/// </summary>
internal sealed class PatientClock : TimeProvider
{
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        base.CreateTimer(callback, state, dueTime >= TimeSpan.FromSeconds(1) ? dueTime * 60 : dueTime, period);
}
