using GuestOS.Kernel.Drivers;

namespace GuestOS.Kernel.Shell.Commands;

/// <summary>Lists the devices and what serves them; detaches one's driver and attaches it again.</summary>
internal sealed class DevicesCommand : ICommand
{
    private const string AttachWord = "attach";
    private const string DetachWord = "detach";

    public string Name => "devices";

    public string Arguments => "[attach|detach PLACE]";

    public string Summary => "lists the devices, their drivers and states; attaches or detaches one";

    public async ValueTask ExecuteAsync(CommandContext context)
    {
        DriverManager? drivers = context.System.Drivers;
        if (context.Arguments.Count == 0)
        {
            List(context.Output, drivers?.Devices ?? []);
            return;
        }

        if (context.Arguments is not [AttachWord or DetachWord, var place])
            throw new CommandException($"Give nothing, or {AttachWord} or {DetachWord} and a place.");
        BoundDevice device = Find(drivers?.Devices ?? [], place);
        if (context.Arguments[0] == DetachWord)
            await DetachAsync(drivers!, device).ConfigureAwait(false);
        else
            await AttachAsync(drivers!, device).ConfigureAwait(false);
        context.Output.WriteLine(
            $"{device.Device.Bus} {device.Device.Location}: {DeviceEvents.NameOf(device.State)}{(device.Error is null ? "" : $": {device.Error}")}");
    }

    public IEnumerable<string> Complete(KernelSystem system, string start) =>
    [
        AttachWord,
        DetachWord,
        .. (system.Drivers?.Devices ?? []).Select(device => device.Device.Location).Where(place => place.StartsWith(start, StringComparison.Ordinal)),
    ];

    private static void List(ConsoleOutput output, IReadOnlyList<BoundDevice> devices)
    {
        output.WriteTable(
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
            output.WriteLine($"{device.Device.Location}: {device.Error}");
    }

    /// <summary>The device at a place; the beginning of the place is enough when no other device's begins so.</summary>
    private static BoundDevice Find(IReadOnlyList<BoundDevice> devices, string place)
    {
        BoundDevice[] found = [.. devices.Where(device => device.Device.Location.StartsWith(place, StringComparison.OrdinalIgnoreCase))];
        return found switch
        {
            [var only] => only,
            [] => throw new CommandException($"There is no device at '{place}'."),
            _ => Array.Find(found, device => device.Device.Location == place)
                ?? throw new CommandException($"'{place}' may be {string.Join(" or ", found.Select(device => device.Device.Location))}."),
        };
    }

    private static async Task DetachAsync(DriverManager drivers, BoundDevice device)
    {
        if (device.Driver is null || device.State is DeviceState.Detached or DeviceState.Failed)
            throw new CommandException($"{device.Name} is {DeviceEvents.NameOf(device.State)}.");
        await drivers.DetachAsync(device).ConfigureAwait(false);
    }

    private static async Task AttachAsync(DriverManager drivers, BoundDevice device)
    {
        try
        {
            await drivers.AttachAsync(device).ConfigureAwait(false);
        }
        catch (InvalidOperationException exception)
        {
            throw new CommandException(exception.Message);
        }
    }
}
