using GuestOS.Drivers.VmBus.Channels;
using GuestOS.Machine;

namespace GuestOS.Drivers.VmBus.Connections;

/// <summary>Cancels the token of a rescinded channel away from the pump, for what hangs on it may take its time.</summary>
internal sealed class RescindNotice : IThreadPoolWorkItem
{
    private readonly VmBusChannel _channel;
    private readonly ILog _log;

    public RescindNotice(VmBusChannel channel, ILog log)
    {
        _channel = channel;
        _log = log;
    }

    public void Execute()
    {
        try
        {
            _channel.CancelRescinded();
        }
        catch (AggregateException e)
        {
            _log.Error($"a callback of the rescind of {_channel} threw {e.InnerException?.Message}");
        }
    }
}
