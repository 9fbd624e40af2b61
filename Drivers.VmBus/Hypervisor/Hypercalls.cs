using System.Runtime.InteropServices;
using GuestOS.Drivers.VmBus.Protocol;
using GuestOS.Drivers.VmBus.Protocol.Hypervisor;
using GuestOS.Machine;
using GuestOS.Machine.Processors;

namespace GuestOS.Drivers.VmBus.Hypervisor;

/// <summary>
/// The hypercall page and the calls of this guest. Thread-safe; no call blocks or allocates. Calls with their input in memory share one
/// page and take turns.
/// </summary>
public sealed class Hypercalls
{
    private readonly ProcessorPlatform _platform;
    private readonly HypervisorInfo _info;
    private readonly GuestOsId _osId;
    private readonly Lock _gate = new();
    private DmaBuffer? _page;
    private DmaBuffer? _block;

    /// <param name="platform">The machine.</param>
    /// <param name="info">What the hypervisor offers.</param>
    /// <param name="osId">What the guest says it is.</param>
    public Hypercalls(ProcessorPlatform platform, HypervisorInfo info, GuestOsId osId)
    {
        _platform = platform;
        _info = info;
        _osId = osId;
    }

    /// <summary>Calls can be made.</summary>
    public bool IsEnabled { get; private set; }

    /// <summary>
    /// Sets the guest OS id unless one is set, and enables the page; a page that is live already is used where it is (TLFS 3.13).
    /// </summary>
    /// <returns>Null, or why there are no hypercalls.</returns>
    public string? Enable()
    {
        if (IsEnabled)
            return null;
        if (!_info.Has(PartitionPrivileges.Hypercall))
            return "the partition may not make hypercalls";
        var msr = _platform.Msr;
        if (msr.Read(Msr.GuestOsId) == 0)
            msr.Write(Msr.GuestOsId, _osId.Value);
        var value = msr.Read(Msr.Hypercall);
        if ((value & Msr.PageEnable) == 0)
        {
            if ((value & Msr.HypercallLocked) != 0)
                return "the hypercall page is locked and off";
            _page = _platform.Dma.Allocate(4096, DmaConstraints.None);
            msr.Write(Msr.Hypercall, (value & Msr.PagePreserved) | _page.PhysicalAddress.Value | Msr.PageEnable);
            value = msr.Read(Msr.Hypercall);
            if ((value & Msr.PageEnable) == 0)
            {
                _page.Dispose();
                _page = null;
                return "the hypervisor did not take the hypercall page";
            }
        }

        _platform.Hypercall.Install(new PhysicalAddress(value & ~(Msr.PagePreserved | Msr.PageEnable)));
        _block = _platform.Dma.Allocate(4096, DmaConstraints.None);
        IsEnabled = true;
        return null;
    }

    /// <summary>Gives the page back, unless it was there before, and withdraws the guest OS id. No call may be under way.</summary>
    public void Disable()
    {
        if (!IsEnabled)
            return;
        IsEnabled = false;
        _platform.Hypercall.Uninstall();
        _block?.Dispose();
        _block = null;
        if (_page is null)
            return;
        var msr = _platform.Msr;
        var value = msr.Read(Msr.Hypercall);
        if ((value & Msr.HypercallLocked) == 0)
        {
            msr.Write(Msr.Hypercall, value & Msr.PagePreserved);
            msr.Write(Msr.GuestOsId, 0);
            _page.Dispose();
        }

        _page = null;
    }

    /// <summary>Posts a VMBus message: HvCallPostMessage, never fast.</summary>
    /// <param name="connection">Where to.</param>
    /// <param name="payload">At most 240 bytes.</param>
    public CallStatus PostMessage(ConnectionId connection, ReadOnlySpan<byte> payload)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(payload.Length, PostMessageInput.LargestPayload);
        lock (_gate)
            return PostLocked(connection, payload);
    }

    /// <summary>The same for a dying kernel: does not wait for another processor's call, and overwrites its input.</summary>
    public CallStatus PostMessageAtPanic(ConnectionId connection, ReadOnlySpan<byte> payload) => PostLocked(connection, payload);

    /// <summary>Signals an event: HvCallSignalEvent, fast.</summary>
    public CallStatus SignalEvent(ConnectionId connection, ushort flag = 0) =>
        new CallResult(_platform.Hypercall.Call(CallControl.Fast(CallCode.SignalEvent).Value, connection.Value | ((ulong)flag << 32), 0)).Status;

    private CallStatus PostLocked(ConnectionId connection, ReadOnlySpan<byte> payload)
    {
        if (_block is null)
            return CallStatus.InvalidCallCode;
        var block = _block.GetSpan()[..PostMessageInput.BlockSize];
        block.Clear();
        MemoryMarshal.Write(block, new PostMessageInput
        {
            Connection = connection,
            MessageType = PostMessageInput.VmBusMessage,
            PayloadSize = (uint)payload.Length,
        });
        payload.CopyTo(block[PostMessageInput.HeadSize..]);
        _platform.Dma.WriteBarrier();
        var result = _platform.Hypercall.Call(CallControl.Slow(CallCode.PostMessage).Value, _block.PhysicalAddress.Value, 0);
        return new CallResult(result).Status;
    }
}
