using GuestOS.Machine.Block;
using GuestOS.Machine.Drivers;
using GuestOS.Sandbox.Ide;
using GuestOS.Sandbox.Memory;
using GuestOS.Testing;
using GuestOS.Testing.Guests;
using Xunit;

namespace GuestOS.Drivers.Ata.Tests;

/// <summary>The same models on the system's clock: timers, interrupts and users run on many threads.</summary>
internal sealed class RealMachine : IDisposable
{
    private readonly SimulatedMemory _memory;
    private readonly IdeControllerModel _controller;
    private readonly PublishedDevices _published = new();
    private readonly IDriverInstance _instance;

    public RealMachine(int seed)
    {
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}");
        var random = new LockedRandom(seed);
        _memory = new SimulatedMemory(random);
        _controller = new IdeControllerModel(TimeProvider.System, random, _memory, new IdeControllerOptions { InterruptLatency = TimeSpan.Zero });
        foreach (var channel in _controller.Channels)
        {
            channel.StepTime = (TimeSpan.Zero, TimeSpan.Zero);
            channel.Attach(0, IdeDiskModel.With(new IdeDiskOptions()));
            channel.Attach(1, IdeDiskModel.With(new IdeDiskOptions()));
        }

        var setup = new DriverSetup { Memory = _memory, Clock = TimeProvider.System, Log = new ListLog(), Publications = _published };
        _instance = setup.Create(new AtaDriver(), _controller.Pci, _controller.Open, _controller.OpenInterrupt);
    }

    public IEnumerable<string> Violations => _controller.Channels.SelectMany(channel => channel.Violations).Concat(_memory.Violations);

    public async Task<IReadOnlyList<IBlockDevice>> StartAsync()
    {
        await _instance.AttachAsync(default);
        await _instance.StartAsync(default);
        return [.. _published.Disks];
    }

    public async Task StopAsync() => await _instance.DetachAsync(default);

    public void Dispose() => _controller.Dispose();

    private sealed class LockedRandom(int seed) : Random(seed)
    {
        private readonly Lock _gate = new();

        public override double NextDouble()
        {
            lock (_gate)
                return base.NextDouble();
        }
    }
}
