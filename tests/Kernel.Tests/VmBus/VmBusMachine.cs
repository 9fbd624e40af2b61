using System.Text.Json;
using GuestOS.Drivers.VmBus.Channels;
using GuestOS.Drivers.VmBus.Offers;
using GuestOS.Drivers.VmBus.Protocol;
using GuestOS.Drivers.VmBus.Rings;
using GuestOS.Kernel.Drivers;
using GuestOS.Kernel.Tests.Fakes;
using GuestOS.Machine.Drivers;
using GuestOS.Sandbox.Partition;
using GuestOS.Sandbox.VmBus;

namespace GuestOS.Kernel.Tests.VmBus;

/// <summary>A machine in a simulated partition, with a VMBus host that a test tells what to offer.</summary>
internal sealed class VmBusMachine : IDisposable
{
    public VmBusMachine(VmBusHostOptions? host = null, PartitionOptions? partition = null, TimeProvider? clock = null)
    {
        Machine = new FakeMachine { Clock = clock ?? new PatientClock(), PartitionOptions = partition ?? new PartitionOptions { Processors = 2 } };
        Host = new VmBusHost(new PartitionTransport(Machine.Partition), host ?? VmBusHostOptions.Qemu);
    }

    public FakeMachine Machine { get; }

    public VmBusHost Host { get; }

    public KernelSystem? System { get; private set; }

    public async Task<KernelSystem> StartAsync(string commandLine, params IDriver[] drivers)
    {
        System = new KernelSystem(Machine.Create(commandLine), drivers, "test program");
        await System.StartAsync();
        return System;
    }

    /// <summary>Offers a device that takes whatever the guest sends.</summary>
    public HostChannel Offer(Guid classId, byte instance) => Host.Offer(new Provider(classId, instance));

    /// <summary>States that the log of events tells of a device, in order.</summary>
    public IEnumerable<string?> StatesOf(byte instance) => Machine.Events.Of("device")
        .Where(entry => RecordingEvents.Text(entry, "address") == InstanceOf(instance).ToString())
        .Select(entry => RecordingEvents.Text(entry, "state"));

    /// <summary>Waits until the device has come to a state so often.</summary>
    public Task<JsonElement> WaitForAsync(byte instance, string state, int times = 1)
    {
        string address = InstanceOf(instance).ToString();
        return Machine.Events.WaitForAsync(
            "device",
            entry => RecordingEvents.Text(entry, "address") == address && RecordingEvents.Text(entry, "state") == state,
            times);
    }

    public BoundDevice Device(byte instance) =>
        System!.Drivers!.Devices.Single(device => device.Device.Location == InstanceOf(instance).ToString());

    public static Guid InstanceOf(byte number) => new(0x1000u + number, 0, 0, 0, 0, 0, 0, 0, 0, 0, number);

    /// <summary>A driver that opens its channel as it is attached.</summary>
    public static FakeDriver OpeningDriver(string name, Guid classId, ChannelHandler? handler = null) => new()
    {
        Name = name,
        Matches = [new VmBusClassMatch(classId)],
        Attach = (context, token) => ((VmBusDevice)context.Device).Channel.OpenAsync(new ChannelOpenOptions { Handler = handler ?? new Quiet() }, token),
    };

    public void Dispose()
    {
        Host.Dispose();
        Machine.Dispose();
    }

    public sealed class Quiet : ChannelHandler
    {
        public override void OnPacket(VmBusChannel channel, in RingPacket packet)
        {
        }
    }

    private sealed class Provider(Guid classId, byte instance) : IChannelProvider
    {
        public ChannelOffer Offer { get; } = new() { ClassId = classId, InstanceId = InstanceOf(instance) };

        public uint Open(ChannelSession session) => 0;

        public void Receive(ChannelSession session, ChannelPacket packet)
        {
        }

        public void Close(ChannelSession session, CloseReason reason)
        {
        }
    }
}
