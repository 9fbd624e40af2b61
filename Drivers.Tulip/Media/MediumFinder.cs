using GuestOS.Machine;

namespace GuestOS.Drivers.Tulip;

/// <summary>Chooses how the chip is connected, from what the serial ROM tells and what answers.</summary>
internal static class MediumFinder
{
    /// <summary>A default medium that is one: no bit but those of the code and of full duplex (DEC serial ROM format 4.0, table 5).</summary>
    private const ushort MediumMask = 0x00FF;

    /// <summary>Sets the board's pins up and finds the medium.</summary>
    public static IMedium Find(ChipRegisters registers, ChipKind chip, SromContent srom, TimeProvider clock, ILog log)
    {
        var port = new GeneralPurposePort(registers, chip, srom.GeneralPurposeDirection);
        port.SetDirection();
        foreach (var block in srom.Media.Where(block => block.Kind == MediaBlockKind.Reset))
            port.Play(block.Reset);

        var media = srom.Media.Where(block => Serves(block, chip)).ToList();
        var mii = srom.Media.FirstOrDefault(block => block.IsMii);
        if (mii is not null || media.Count == 0)
        {
            var bus = new MiiBus(registers);
            bus.Calibrate(clock);
            if (MiiMedium.Find(bus, port, mii) is { } medium)
                return medium;
            if (mii is not null)
                log.Warning("The serial ROM names a PHY on the MII, and none answers.");
        }

        if (media.Count == 0)
        {
            log.Warning("Neither the serial ROM nor a PHY tells how the adapter is connected; its MII is used and the link taken for good.");
            return new FixedMedium();
        }

        var senses = (srom.DefaultMedium & SromContent.AutoSense) != 0 || srom.DefaultMedium == 0xFFFF;
        var wanted = (MediumCode)(srom.DefaultMedium & MediumMask);
        return new PortMedium(registers, port, [.. media.OrderByDescending(block => senses ? Rank(block.Medium) : block.Medium == wanted ? 1 : 0)], senses);
    }

    private static bool Serves(MediaBlock block, ChipKind chip) => chip == ChipKind.Dec21140
        ? block.Kind == MediaBlockKind.GeneralPurpose
        : block.Kind is MediaBlockKind.Sia or MediaBlockKind.Sym;

    /// <summary>The faster first. Full duplex cannot be seen on these ports, so it is chosen only when the ROM says so.</summary>
    private static int Rank(MediumCode medium) => medium switch
    {
        MediumCode.HundredBaseTx or MediumCode.HundredBaseT4 or MediumCode.HundredBaseFx => 5,
        MediumCode.TenBaseT => 4,
        MediumCode.HundredBaseTxFullDuplex or MediumCode.HundredBaseFxFullDuplex => 3,
        MediumCode.TenBaseTFullDuplex => 2,
        MediumCode.TenBase2 => 1,
        _ => 0,
    };
}
