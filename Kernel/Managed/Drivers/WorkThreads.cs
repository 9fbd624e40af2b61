using GuestOS.Machine;
using GuestOS.Machine.Processors;

namespace GuestOS.Kernel.Drivers;

/// <summary>Starts the work threads of one device.</summary>
internal sealed class WorkThreads : IWorkThreads
{
    private readonly string _device;
    private readonly ILog _log;

    /// <param name="device">Name of the device, with which the threads' names begin.</param>
    /// <param name="log">Where failures go.</param>
    public WorkThreads(string device, ILog log)
    {
        _device = device;
        _log = log;
    }

    public IWorkThread Start(string name, Func<TimeSpan?> work) => new WorkThread($"{_device}: {name}", work, _log);
}
