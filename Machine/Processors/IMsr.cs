namespace GuestOS.Machine.Processors;

/// <summary>
/// Model-specific registers of the processor that the caller runs on. What belongs to one processor is therefore touched only inside
/// <see cref="IProcessors.Run"/>.
/// </summary>
public interface IMsr
{
    /// <summary>RDMSR of a register that is known to exist; another one is a fault in the kernel.</summary>
    ulong Read(uint register);

    /// <summary>WRMSR of a register that is known to exist, with a value that it takes.</summary>
    void Write(uint register, ulong value);

    /// <summary>RDMSR with the fault caught: false when the register does not exist.</summary>
    bool TryRead(uint register, out ulong value);

    /// <summary>WRMSR with the fault caught: false when the register or the value was refused.</summary>
    bool TryWrite(uint register, ulong value);
}
