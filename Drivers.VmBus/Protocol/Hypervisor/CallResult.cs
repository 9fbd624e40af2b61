namespace GuestOS.Drivers.VmBus.Protocol.Hypervisor;

/// <summary>The result word of a hypercall; reserved bits are ignored.</summary>
/// <param name="Value">As in RAX.</param>
public readonly record struct CallResult(ulong Value)
{
    /// <summary>Bits 15:0.</summary>
    public CallStatus Status => (CallStatus)(ushort)Value;

    /// <summary>True for status 0.</summary>
    public bool IsSuccess => Status == CallStatus.Success;

    /// <summary>Bits 43:32, counted from repetition 0.</summary>
    public int RepsCompleted => (int)((Value >> 32) & 0xFFF);
}
