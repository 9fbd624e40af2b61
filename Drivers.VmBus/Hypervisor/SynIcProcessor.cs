using System.Numerics;
using System.Runtime.InteropServices;
using GuestOS.Drivers.VmBus.Protocol;
using GuestOS.Drivers.VmBus.Protocol.Hypervisor;
using GuestOS.Machine;
using GuestOS.Machine.Processors;

namespace GuestOS.Drivers.VmBus.Hypervisor;

/// <summary>The SynIC pages of one processor.</summary>
internal sealed class SynIcProcessor : IDisposable
{
    private const int EventAreaSize = 256;
    private const int MostTries = 4;
    private readonly ProcessorPlatform _platform;
    private readonly int _processor;
    private readonly DmaBuffer _messages;
    private readonly DmaBuffer _events;
    private readonly Action _writeEom;

    public SynIcProcessor(ProcessorPlatform platform, int processor)
    {
        _platform = platform;
        _processor = processor;
        _messages = platform.Dma.Allocate(4096, DmaConstraints.None);
        _events = platform.Dma.Allocate(4096, DmaConstraints.None);
        _writeEom = () => _platform.Msr.Write(Msr.Eom, 0);
    }

    public long BadMessages { get; private set; }

    /// <summary>On the processor itself.</summary>
    public void EnablePages()
    {
        EnablePage(Msr.Simp, _messages);
        EnablePage(Msr.Siefp, _events);
    }

    /// <summary>On the processor itself.</summary>
    public void DisablePages()
    {
        _platform.Msr.Write(Msr.Simp, _platform.Msr.Read(Msr.Simp) & Msr.PagePreserved);
        _platform.Msr.Write(Msr.Siefp, _platform.Msr.Read(Msr.Siefp) & Msr.PagePreserved);
    }

    public bool TryTakeMessage(Sint sint, ref SynIcMessage message)
    {
        var slot = _messages.GetSpan().Slice(sint.Value * SynIcMessage.Size, SynIcMessage.Size);
        ref var type = ref MemoryMarshal.AsRef<uint>(slot);
        for (var attempt = 0; attempt < MostTries; attempt++)
        {
            var seen = Volatile.Read(ref type);
            if (seen == (uint)SynIcMessageType.None)
                return false;
            message = MemoryMarshal.Read<SynIcMessage>(slot);
            message.Type = (SynIcMessageType)seen;
            // A host that has just changed the message loses nothing: the slot is read again.
            if (Interlocked.CompareExchange(ref type, (uint)SynIcMessageType.None, seen) != seen)
                continue;
            _platform.Dma.FullBarrier();
            if ((Volatile.Read(ref slot[5]) & SynIcMessage.Pending) != 0)
                _platform.Processors.Run(_processor, _writeEom);
            if (message.PayloadSize <= SynIcMessage.LargestPayload)
                return true;
            BadMessages++;
        }

        return false;
    }

    public int TakeEvents<TState>(Sint sint, uint highest, TState state, Action<TState, uint> action)
    {
        var words = MemoryMarshal.Cast<byte, ulong>(_events.GetSpan().Slice(sint.Value * EventAreaSize, EventAreaSize));
        var ignored = 0;
        var last = (int)Math.Min(highest / 64, (uint)words.Length - 1);
        for (var i = 0; i <= last; i++)
        {
            if (Volatile.Read(ref words[i]) == 0)
                continue;
            var bits = Interlocked.Exchange(ref words[i], 0);
            while (bits != 0)
            {
                var flag = (uint)((i * 64) + BitOperations.TrailingZeroCount(bits));
                bits &= bits - 1;
                if (flag <= highest)
                    action(state, flag);
                else
                    ignored++;
            }
        }

        return ignored;
    }

    public void Dispose()
    {
        _messages.Dispose();
        _events.Dispose();
    }

    private void EnablePage(uint register, DmaBuffer page)
    {
        var old = _platform.Msr.Read(register);
        _platform.Msr.Write(register, (old & Msr.PagePreserved) | page.PhysicalAddress.Value | Msr.PageEnable);
    }
}
