using System.Globalization;
using GuestOS.Machine;
using GuestOS.Machine.Drivers;

namespace GuestOS.Drivers.Ata;

/// <summary>One channel of a controller: the names of its resources.</summary>
/// <param name="Number">0 primary, 1 secondary.</param>
/// <param name="Name">Name of the channel, and first part of its drives' names.</param>
/// <param name="Command">Command block.</param>
/// <param name="Control">Control block, one port.</param>
/// <param name="Interrupt">Its interrupt; both channels of a native controller have the same.</param>
/// <param name="IsLegacy">It is on the ports that the machine's own channel of this number has.</param>
internal sealed record ChannelLayout(int Number, string Name, string Command, string Control, string Interrupt, bool IsLegacy);

/// <summary>
/// Where a controller's registers and interrupts are, by its programming interface (PCI IDE Controller Specification 1.0, 2;
/// PIIX4 datasheet 4.1.6): bit 0 and 2 set when the primary and secondary channel are in native mode, bit 7 for a bus master.
/// </summary>
internal sealed class ControllerLayout
{
    public const string BusMasterName = "busmaster";

    private const byte PrimaryNative = 0x01;
    private const byte SecondaryNative = 0x04;
    private const byte BusMasterBit = 0x80;
    private const int BusMasterBar = 4;
    private const int BusMasterLength = 16;
    private const string NativeInterrupt = "interrupt";

    private readonly List<ResourceRequest> _requests = [];
    private readonly List<ChannelLayout> _channels = [];

    private ControllerLayout()
    {
    }

    public IReadOnlyList<ResourceRequest> Requests => _requests;

    public IReadOnlyList<ChannelLayout> Channels => _channels;

    public bool HasBusMaster { get; private set; }

    public static ControllerLayout Of(PciDevice device)
    {
        var layout = new ControllerLayout();
        var native = device.ProgrammingInterface & (PrimaryNative | SecondaryNative);
        layout.AddChannel(device, 0, (native & PrimaryNative) != 0, 0x1F0, 0x3F6, 14);
        layout.AddChannel(device, 1, (native & SecondaryNative) != 0, 0x170, 0x376, 15);
        layout.HasBusMaster = (device.ProgrammingInterface & BusMasterBit) != 0
            && IsUsable(device, BusMasterBar, BusMasterLength);
        if (layout.HasBusMaster)
            layout._requests.Add(new BarRequest(BusMasterName, BusMasterBar, 0, BusMasterLength));
        return layout;
    }

    private static bool IsUsable(PciDevice device, int bar, int length) =>
        device.Bars.Count > bar && device.Bars[bar] is { Space: RegisterSpace.Port, Address: not 0 } found && found.Length >= (ulong)length;

    private void AddChannel(PciDevice device, int number, bool native, ushort command, ushort control, int irq)
    {
        // Channels on the legacy ports are the machine's ata0 and ata1; others carry their controller's place.
        var name = native
            ? string.Create(CultureInfo.InvariantCulture, $"ata-{device.Location}-{number}")
            : string.Create(CultureInfo.InvariantCulture, $"ata{number}");
        var commandName = string.Create(CultureInfo.InvariantCulture, $"command{number}");
        var controlName = string.Create(CultureInfo.InvariantCulture, $"control{number}");
        if (!native)
        {
            var interruptName = string.Create(CultureInfo.InvariantCulture, $"irq{number}");
            _requests.Add(new PortRequest(commandName, command, CommandBlock.Length));
            _requests.Add(new PortRequest(controlName, control, 1));
            _requests.Add(new IsaInterruptRequest(interruptName, irq));
            _channels.Add(new ChannelLayout(number, name, commandName, controlName, interruptName, IsLegacy: true));
            return;
        }

        // In native mode the control block is the third byte of the second BAR. A channel without BARs is switched off.
        if (!IsUsable(device, number * 2, CommandBlock.Length) || !IsUsable(device, (number * 2) + 1, 4))
            return;
        _requests.Add(new BarRequest(commandName, number * 2, 0, CommandBlock.Length));
        _requests.Add(new BarRequest(controlName, (number * 2) + 1, 2, 1));
        if (!_requests.Exists(request => request.Name == NativeInterrupt))
            _requests.Add(new PciInterruptRequest(NativeInterrupt));
        _channels.Add(new ChannelLayout(number, name, commandName, controlName, NativeInterrupt, IsLegacy: false));
    }
}
