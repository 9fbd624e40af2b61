namespace GuestOS.Drivers.VmBus.Protocol.Rings;

/// <summary>A monitor page (offsets in bytes).</summary>
public static class MonitorPage
{
    /// <summary>u32: bits 3:0 enable the groups.</summary>
    public const int TriggerState = 0;

    /// <summary>4 groups of u32 pending, u32 armed.</summary>
    public const int TriggerGroups = 8;

    /// <summary>4 x 32 s32.</summary>
    public const int NextCheckTimes = 0x40;

    /// <summary>4 x 32 u16, in 100 ns.</summary>
    public const int Latencies = 0x240;

    /// <summary>4 x 32 of connection id u32, flag u16, zero u16.</summary>
    public const int Parameters = 0x440;

    /// <summary>Offset of the pending word of a monitor id's group.</summary>
    public static int PendingOf(MonitorId id) => TriggerGroups + (id.Group * 8);
}
