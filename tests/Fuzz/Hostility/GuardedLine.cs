using GuestOS.Machine;
using GuestOS.Sandbox.Interrupts;

namespace GuestOS.Fuzz.Hostility;

/// <summary>An interrupt line that is given up after so many interrupts in a row that nobody claims, as the kernel does with a line that a device holds.</summary>
internal sealed class GuardedLine(SimulatedInterrupt line) : IInterrupt
{
    private const int UnclaimedLimit = 10_000;

    public string Name => line.Name;

    public void Connect(InterruptHandler handler)
    {
        var unclaimed = 0;
        line.Connect(() =>
        {
            var result = handler();
            unclaimed = result == InterruptResult.NotMine ? unclaimed + 1 : 0;
            if (unclaimed == UnclaimedLimit)
                line.Disconnect();
            return result;
        });
    }

    public void Disconnect() => line.Disconnect();
}
