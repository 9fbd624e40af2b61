using System.Globalization;
using GuestOS.Machine.Network;

namespace GuestOS.Drivers.Tulip;

/// <summary>A PHY on the MII: it negotiates by itself, the driver follows what it found.</summary>
internal sealed class MiiMedium : IMedium
{
    private const int PhyCount = 32;
    private readonly MiiBus _bus;
    private readonly GeneralPurposePort _port;
    private readonly MediaBlock? _block;
    private readonly int _phy;
    private LinkStatus _last;
    private uint _lastBits;

    private MiiMedium(MiiBus bus, GeneralPurposePort port, MediaBlock? block, int phy)
    {
        _bus = bus;
        _port = port;
        _block = block;
        _phy = phy;
        _lastBits = BitsOf(new LinkStatus(false, 100));
    }

    public string Name => string.Create(CultureInfo.InvariantCulture, $"MII PHY {_phy}");

    /// <summary>Finds the PHY: the one that the ROM names, else the first that answers.</summary>
    /// <param name="bus">The management port.</param>
    /// <param name="port">General purpose port.</param>
    /// <param name="block">The ROM's block; null when it has none.</param>
    public static MiiMedium? Find(MiiBus bus, GeneralPurposePort port, MediaBlock? block)
    {
        // What enables the PHY on some boards.
        if (block is not null)
        {
            port.Play(block.Reset);
            port.Play(block.GeneralPurpose);
        }

        // Address 0 is answered by some PHYs beside their own: it comes last.
        if (block is { Phy: not 0 } && Answers(bus, block.Phy))
            return new MiiMedium(bus, port, block, block.Phy);
        for (var i = 1; i <= PhyCount; i++)
        {
            if (Answers(bus, i % PhyCount))
                return new MiiMedium(bus, port, block, i % PhyCount);
        }

        return null;
    }

    public void Restore()
    {
        _port.SetDirection();
        if (_block is not null)
            _port.Play(_block.GeneralPurpose);
    }

    public void Select()
    {
        Restore();
        var control = _bus.Read(_phy, MiiRegister.Control);
        var status = _bus.Read(_phy, MiiRegister.Status);
        _bus.SkipsPreamble = (status & MiiRegister.StatusNoPreamble) != 0;
        var isOff = (control & (MiiRegister.ControlIsolate | MiiRegister.ControlPowerDown)) != 0;
        if (isOff)
            _bus.Write(_phy, MiiRegister.Control, (ushort)(control & ~(MiiRegister.ControlIsolate | MiiRegister.ControlPowerDown)));
        var negotiates = (control & MiiRegister.ControlNegotiate) != 0;
        if ((status & MiiRegister.StatusCanNegotiate) == 0 || (!isOff && negotiates && (status & MiiRegister.StatusNegotiated) != 0))
            return;
        var abilities = (ushort)((status >> MiiRegister.AbilityShift) & MiiRegister.AbilityMask);
        var offered = _block is { Advertisement: not 0 } ? (ushort)(abilities & _block.Advertisement) : abilities;
        _bus.Write(_phy, MiiRegister.Advertisement, (ushort)((offered == 0 ? abilities : offered) | MiiRegister.Selector));
        _bus.Write(_phy, MiiRegister.Control, MiiRegister.ControlNegotiate | MiiRegister.ControlRestart);
    }

    public MediumState Poll()
    {
        // The link bit stays 0 after a loss until it was read (22.2.4.2.13): a second look tells what is now.
        var status = _bus.Read(_phy, MiiRegister.Status);
        if ((status & MiiRegister.StatusLink) == 0)
            status = _bus.Read(_phy, MiiRegister.Status);
        var isUp = status != 0xFFFF && (status & MiiRegister.StatusLink) != 0;
        if (!isUp)
            return new MediumState(_last = LinkStatus.Down, _lastBits);
        if (_last.IsUp)
            return new MediumState(_last, _lastBits);
        _last = ReadMode();
        _lastBits = BitsOf(_last);
        return new MediumState(_last, _lastBits);
    }

    private static bool Answers(MiiBus bus, int phy) => bus.Read(phy, MiiRegister.Status) is not (0xFFFF or 0);

    private static uint BitsOf(LinkStatus link) =>
        OperationMode.PortSelect | OperationMode.HeartbeatDisable
        | (link.IsFullDuplex ? OperationMode.FullDuplex : 0)
        | (link.MegabitsPerSecond == 10 ? OperationMode.TenMegabit : 0);

    /// <summary>The best mode that both ends have (28B.3); without negotiation, what the PHY is set to.</summary>
    private LinkStatus ReadMode()
    {
        var control = _bus.Read(_phy, MiiRegister.Control);
        if ((control & MiiRegister.ControlNegotiate) == 0)
            return new LinkStatus(true, (control & MiiRegister.ControlHundred) != 0 ? 100 : 10, (control & MiiRegister.ControlFullDuplex) != 0);
        var common = _bus.Read(_phy, MiiRegister.Advertisement) & _bus.Read(_phy, MiiRegister.PartnerAbility);
        return (common & MiiRegister.HundredFull) != 0 ? new LinkStatus(true, 100, true)
            : (common & (MiiRegister.HundredT4 | MiiRegister.HundredHalf)) != 0 ? new LinkStatus(true, 100)
            : (common & MiiRegister.TenFull) != 0 ? new LinkStatus(true, 10, true)
            : new LinkStatus(true, 10);
    }
}
