namespace GuestOS.Kernel.Core;

/// <summary>A slot of the message page (TLFS 11.10): 256 bytes that the hypervisor fills and the guest empties. Pure but for the memory.</summary>
internal static unsafe class SynIcSlot
{
    /// <summary>Bytes of a slot.</summary>
    public const int Size = 256;

    /// <summary>Message type: a synthetic timer has expired.</summary>
    public const uint TimerExpired = 0x8000_0010;

    private const int PayloadSizeOffset = 4;
    private const int FlagsOffset = 5;
    private const int PayloadOffset = 16;
    private const byte LargestPayload = 240;
    private const byte FlagPending = 1;
    private const int Tries = 4;

    /// <summary>
    /// Takes the message out of a slot: copies what is needed, empties the slot by compare-exchange (a message that the hypervisor has just
    /// changed is not lost), and only then looks whether more wait, in which case the caller must write EOM.
    /// </summary>
    /// <param name="slot">The slot.</param>
    /// <param name="type">The message's type; 0 when the slot was empty.</param>
    /// <param name="payloadSize">Its bytes of payload as the hypervisor says, not checked.</param>
    /// <param name="first">The first word of the payload.</param>
    /// <returns>Whether EOM must be written.</returns>
    public static bool Take(byte* slot, out uint type, out byte payloadSize, out uint first)
    {
        type = 0;
        payloadSize = 0;
        first = 0;
        for (int i = 0; i < Tries; i++)
        {
            uint seen = Volatile.Read(ref *(uint*)slot);
            if (seen == 0)
                return false;
            payloadSize = Volatile.Read(ref slot[PayloadSizeOffset]);
            first = Volatile.Read(ref *(uint*)(slot + PayloadOffset));
            // A full barrier too: the flag must be read after the slot is empty.
            if (Interlocked.CompareExchange(ref *(uint*)slot, 0u, seen) != seen)
                continue;
            type = seen;
            return (Volatile.Read(ref slot[FlagsOffset]) & FlagPending) != 0;
        }

        return false;
    }

    /// <summary>Whether a message is what a synthetic timer sends (TLFS 12.3.4: 24 bytes, timer 0 to 3).</summary>
    public static bool IsTimer(uint type, byte payloadSize, uint first)
    {
        const byte timerPayload = 24;
        const uint timers = 4;
        return type == TimerExpired && payloadSize is >= timerPayload and <= LargestPayload && first < timers;
    }
}
