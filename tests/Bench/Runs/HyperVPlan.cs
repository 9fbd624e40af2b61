namespace GuestOS.Bench.Runs;

/// <summary>How much is measured in one run.</summary>
/// <param name="MemoryMiB">Memory of the machine.</param>
/// <param name="IdleSeconds">How long interrupts are counted.</param>
/// <param name="Rounds">How often half of the memory goes to the host and comes back.</param>
internal sealed record HyperVPlan(int MemoryMiB, int IdleSeconds, int Rounds)
{
    /// <summary>What goes to the host in a round.</summary>
    public int MovedMiB => MemoryMiB / 2;
}
