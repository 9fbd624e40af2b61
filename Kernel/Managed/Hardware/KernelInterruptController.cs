using GuestOS.Kernel.Core;

namespace GuestOS.Kernel.Hardware;

/// <summary>The real interrupts.</summary>
internal sealed unsafe class KernelInterruptController : IInterruptController
{
    private const ulong InterruptPriority = 1;

    public uint OpenLine(int number, InterruptFlags flags) =>
        (uint)KernelEntry.Require(KernelCall.InterruptOpen, (ulong)number, (ulong)flags);

    public uint OpenMessage(out ulong address, out uint data)
    {
        uint handle = (uint)KernelEntry.Require(KernelCall.InterruptOpenMessage);
        ulong messageAddress = 0;
        uint messageData = 0;
        KernelEntry.Require(KernelCall.InterruptMessage, handle, (ulong)&messageAddress, (ulong)&messageData);
        address = messageAddress;
        data = messageData;
        return handle;
    }

    public long Wait(uint handle)
    {
        long result = KernelEntry.Call(KernelCall.InterruptWait, handle);
        if (result >= 0)
            return result;
        return -result == Errno.Cancelled ? 0 : throw new KernelCallException(KernelCall.InterruptWait, (int)-result);
    }

    public void Close(uint handle) => KernelEntry.Require(KernelCall.InterruptClose, handle);

    public void RaiseThreadPriority() => KernelEntry.Require(KernelCall.ThreadPriority, InterruptPriority);
}
