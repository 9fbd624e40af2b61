using System.Runtime.InteropServices;
using GuestOS.Drivers.VmBus.Protocol;
using GuestOS.Drivers.VmBus.Protocol.Hypervisor;
using GuestOS.Machine.Processors;

namespace GuestOS.Drivers.VmBus.Hypervisor;

/// <summary>One of the four synthetic timers of the processor that the caller runs on (TLFS 12). Times are reference time, 100 ns.</summary>
public sealed class SyntheticTimer
{
    /// <summary>Timers of a processor.</summary>
    public const int Count = 4;

    private readonly IMsr _msr;
    private readonly int _index;

    /// <param name="msr">Registers.</param>
    /// <param name="index">0 to 3.</param>
    public SyntheticTimer(IMsr msr, int index)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)Count);
        _msr = msr;
        _index = index;
    }

    /// <summary>The configuration for this host: an interrupt of its own where the host offers direct mode, otherwise a message.</summary>
    public static TimerConfig ConfigFor(HypervisorInfo info, byte vector, Sint sint, bool periodic)
    {
        ArgumentNullException.ThrowIfNull(info);
        return info.Has(HypervisorFeatures.DirectTimers) ? TimerConfig.Direct(vector, periodic) : TimerConfig.Message(sint, periodic);
    }

    /// <summary>Stops the timer and sets how it works; the next count starts it.</summary>
    public void Configure(TimerConfig config)
    {
        Stop();
        _msr.Write(Msr.TimerConfig(_index), config.WithEnabled(false).Value);
    }

    /// <summary>Fires once at that time, at once when it is past; or with that period when the timer is periodic. 0 stops.</summary>
    public void SetCount(ulong count) => _msr.Write(Msr.TimerCount(_index), count);

    /// <summary>Does not fire any more.</summary>
    public void Stop()
    {
        _msr.Write(Msr.TimerConfig(_index), new TimerConfig(_msr.Read(Msr.TimerConfig(_index))).WithEnabled(false).Value);
        _msr.Write(Msr.TimerCount(_index), 0);
    }

    /// <summary>Reads the message of a timer in message mode. False for anything else, or an impossible timer (rule H2).</summary>
    public static bool TryParse(in SynIcMessage message, out TimerMessage expiry)
    {
        expiry = default;
        if (message.Type != SynIcMessageType.TimerExpired || message.PayloadSize < Marshal.SizeOf<TimerMessage>())
            return false;
        expiry = MemoryMarshal.Read<TimerMessage>(message.Payload);
        return expiry.Timer < Count;
    }
}
