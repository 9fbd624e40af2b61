using GuestOS.Kernel.Drivers;

namespace GuestOS.Kernel.Shell.Commands;

/// <summary>Lists the devices and what serves them.</summary>
internal sealed class DevicesCommand : ICommand
{
    public string Name => "devices";

    public string Summary => "lists the devices, their drivers and states";

    public ValueTask ExecuteAsync(CommandContext context)
    {
        IReadOnlyList<BoundDevice> devices = context.System.Drivers?.Devices ?? [];
        context.Output.WriteTable(
            ["BUS", "PLACE", "DEVICE", "DRIVER", "STATE", "SERVES"],
            devices.Select(device => new[]
            {
                device.Device.Bus,
                device.Device.Location,
                device.Device.Description,
                device.Driver?.Name ?? "-",
                DeviceEvents.NameOf(device.State),
                string.Join(' ', device.Serves),
            }));
        foreach (BoundDevice device in devices.Where(device => device.Error is not null))
            context.Output.WriteLine($"{device.Device.Location}: {device.Error}");
        return ValueTask.CompletedTask;
    }
}
