using System.Runtime.InteropServices;
using GuestOS.Drivers.VmBus.Protocol.Hypervisor;

namespace GuestOS.Sandbox.Partition;

/// <summary>One synthetic timer.</summary>
public sealed class SyntheticTimerModel : IDisposable
{
    private readonly SimulatedPartition _partition;
    private readonly VirtualProcessor _processor;
    private readonly int _index;
    private readonly ITimer _timer;
    private ulong _due;

    internal SyntheticTimerModel(SimulatedPartition partition, VirtualProcessor processor, int index)
    {
        _partition = partition;
        _processor = processor;
        _index = index;
        _timer = partition.Clock.CreateTimer(static state => ((SyntheticTimerModel)state!).Fire(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>CONFIG.</summary>
    public TimerConfig Config { get; private set; }

    /// <summary>COUNT.</summary>
    public ulong Count { get; private set; }

    /// <inheritdoc/>
    public void Dispose() => _timer.Dispose();

    internal bool TryWriteConfig(ulong value)
    {
        var config = new TimerConfig(value);
        if (value >> 20 != 0 || (value & 0xE000) != 0 || (config.IsDirect && (_partition.Options.Features & HypervisorFeatures.DirectTimers) == 0))
            return false;
        Config = config;
        Arm();
        return true;
    }

    internal void WriteCount(ulong value)
    {
        Count = value;
        Config = value == 0 ? Config.WithEnabled(false) : Config.IsAutoEnable ? Config.WithEnabled(true) : Config;
        Arm();
    }

    private void Arm()
    {
        var now = _partition.ReferenceTime;
        if (!Config.IsEnabled || Count == 0 || (!Config.IsDirect && Config.Sint.Value == 0))
        {
            _timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            return;
        }

        _due = Config.IsPeriodic ? now + Count : Count;
        _timer.Change(TimeSpan.FromTicks((long)(_due > now ? _due - now : 0)), Timeout.InfiniteTimeSpan);
    }

    private void Fire()
    {
        var now = _partition.ReferenceTime;
        var due = _due;
        if (Config.IsPeriodic)
            Arm();
        else
            Config = Config.WithEnabled(false);
        if (Config.IsDirect)
        {
            _processor.Raise(Config.Vector);
            return;
        }

        var message = new TimerMessage { Timer = (uint)_index, Expiration = due, Delivery = now };
        _processor.SynIc.TryPost(Config.Sint.Value, (uint)SynIcMessageType.TimerExpired, 0, MemoryMarshal.AsBytes(new ReadOnlySpan<TimerMessage>(in message)));
    }
}
