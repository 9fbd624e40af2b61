using System.Globalization;
using GuestOS.Drivers.VmBus.Protocol;
using GuestOS.Machine;
using GuestOS.Machine.Time;
using GuestOS.Services.Frame;
using GuestOS.Services.Protocol;

namespace GuestOS.Services.TimeSync;

/// <summary>Keeps the time of day with the host's.</summary>
public sealed class TimeSyncService : IntegrationService
{
    private static readonly IcVersion[] s_versions = [new(1, 0), new(3, 0), new(4, 0)];
    private static readonly TimeSpan s_worthALine = TimeSpan.FromSeconds(1);

    private readonly IWallClock _clock;
    private readonly ILog _log;

    /// <param name="clock">The clock that is kept.</param>
    /// <param name="log">The log.</param>
    public TimeSyncService(IWallClock clock, ILog log)
    {
        _clock = clock;
        _log = log;
        Discipline = new ClockDiscipline(clock);
    }

    /// <summary>What was done to the clock.</summary>
    public ClockDiscipline Discipline { get; }

    /// <inheritdoc/>
    public override string Name => "timesync";

    /// <inheritdoc/>
    public override Guid ClassId => ClassIds.TimeSync;

    /// <inheritdoc/>
    public override IcMessageType Type => IcMessageType.TimeSync;

    /// <inheritdoc/>
    public override ReadOnlySpan<IcVersion> Versions => s_versions;

    /// <inheritdoc/>
    public override string Summary => string.Create(
        CultureInfo.InvariantCulture,
        $"{Discipline.Steps} steps, {Discipline.Slews} slews, last difference {Discipline.LastDifference.TotalMilliseconds:F3} ms");

    /// <inheritdoc/>
    public override void OnNegotiated(IcVersion version) => Discipline.Reset();

    /// <inheritdoc/>
    public override IcAnswer Handle(in IcRequest request)
    {
        if (!HostTime.TryRead(request.Version, request.Body, _clock, out var host, out var age, out var flags))
            return IcStatus.Fail;
        var moved = TimeSpan.Zero;
        if ((flags & TimeSyncFlags.Sync) != 0)
            moved = Discipline.Set(host);
        else if ((flags & TimeSyncFlags.Sample) != 0)
            moved = Discipline.Observe(host, age);
        if (moved.Duration() >= s_worthALine)
            _log.Info(string.Create(CultureInfo.InvariantCulture, $"the clock was set to the host's {host:u}, {moved.TotalSeconds:+0.000;-0.000} s"));
        return IcStatus.Success;
    }
}
