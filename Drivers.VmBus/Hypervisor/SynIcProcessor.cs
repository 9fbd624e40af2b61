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
    private readonly SynIcPage _messages;
    private readonly SynIcPage _events;
    private readonly bool _wasControlled;
    private readonly Action _writeEom;

    /// <summary>Enables or adopts both pages; on the processor itself.</summary>
    public SynIcProcessor(ProcessorPlatform platform, int processor)
    {
        _platform = platform;
        _processor = processor;
        _messages = SynIcPage.Enable(platform, Msr.Simp);
        try
        {
            _events = SynIcPage.Enable(platform, Msr.Siefp);
        }
        catch
        {
            _messages.Disable();
            _messages.Dispose();
            throw;
        }

        _wasControlled = (platform.Msr.Read(Msr.SControl) & Msr.PageEnable) != 0;
        _writeEom = () => _platform.Msr.Write(Msr.Eom, 0);
    }

    public long BadMessages { get; private set; }

    /// <summary>The last step of setting up; on the processor itself.</summary>
    public void EnableControl()
    {
        if (!_wasControlled)
            _platform.Msr.Write(Msr.SControl, _platform.Msr.Read(Msr.SControl) | Msr.PageEnable);
    }

    /// <summary>Undoes what was not there before; on the processor itself.</summary>
    public void Disable()
    {
        _messages.Disable();
        _events.Disable();
        if (!_wasControlled)
            _platform.Msr.Write(Msr.SControl, _platform.Msr.Read(Msr.SControl) & ~Msr.PageEnable);
    }

    public bool TryTakeMessage(Sint sint, ref SynIcMessage message)
    {
        var slot = _messages.Area(sint.Value * SynIcMessage.Size, SynIcMessage.Size);
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
        var words = MemoryMarshal.Cast<byte, ulong>(_events.Area(sint.Value * EventAreaSize, EventAreaSize));
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
}
