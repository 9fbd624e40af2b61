using GuestOS.Kernel.Core;

namespace GuestOS.Kernel.Hardware;

/// <summary>The low-level kernel's interrupts, as <see cref="InterruptDispatcher"/> uses them.</summary>
internal interface IInterruptController
{
    /// <summary>Opens a line; it stays masked until the first wait.</summary>
    /// <exception cref="KernelCallException">There is no such line, or no vector is left.</exception>
    uint OpenLine(int number, InterruptFlags flags);

    /// <summary>Opens a message-signalled vector and says what the device must write where.</summary>
    /// <exception cref="KernelCallException">Messages are not possible, or no vector is left.</exception>
    uint OpenMessage(out ulong address, out uint data);

    /// <summary>Unmasks a level-triggered line, blocks until the interrupt has come, and says how often; 0 after <see cref="Close"/>.</summary>
    long Wait(uint handle);

    /// <summary>Masks and frees; the waiter comes back.</summary>
    void Close(uint handle);

    /// <summary>Lets the calling thread run before normal ones.</summary>
    void RaiseThreadPriority();
}
