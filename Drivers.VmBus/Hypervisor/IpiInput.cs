using System.Runtime.InteropServices;
using GuestOS.Drivers.VmBus.Protocol.Hypervisor;

namespace GuestOS.Drivers.VmBus.Hypervisor;

/// <summary>Builds the input of the IPI calls (TLFS 10.5.1 and 10.5.2): vector, trust level, processors.</summary>
public static class IpiInput
{
    /// <summary>Builds a call that interrupts <paramref name="processors"/>.</summary>
    /// <param name="block">Receives the input.</param>
    /// <param name="vector">16 to 255.</param>
    /// <param name="processors">Where.</param>
    /// <param name="control">The call.</param>
    /// <returns>Bytes of input.</returns>
    public static int Build(Span<byte> block, byte vector, ProcessorSet processors, out CallControl control)
    {
        ArgumentNullException.ThrowIfNull(processors);
        ArgumentOutOfRangeException.ThrowIfLessThan(vector, 16);
        var words = MemoryMarshal.Cast<byte, ulong>(block);
        words[0] = vector;
        if (!processors.NeedsExtendedForm)
        {
            words[1] = processors.Mask;
            control = CallControl.Slow(CallCode.SendIpi);
            return 2 * sizeof(ulong);
        }

        var set = processors.WriteSparse(block[sizeof(ulong)..]);
        control = CallControl.Slow(CallCode.SendIpiEx, (set / sizeof(ulong)) - 2);
        return sizeof(ulong) + set;
    }
}
