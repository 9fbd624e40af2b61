namespace GuestOS.Drivers.Tulip;

/// <summary>One media block of the serial ROM, as far as its kind has the fields.</summary>
internal sealed record MediaBlock
{
    public required MediaBlockKind Kind { get; init; }

    /// <summary>The medium, of kinds 0, 2 and 4.</summary>
    public MediumCode Medium { get; init; }

    /// <summary>CSR6 bits, of kinds 0 and 4: see <see cref="OperationMode.FromCommand"/>. The high bits say how to sense the link.</summary>
    public ushort Command { get; init; }

    /// <summary>What the general purpose port is set to for this medium: direction and data on the 21143, data alone on the 21140.</summary>
    public IReadOnlyList<ushort> GeneralPurpose { get; init; } = [];

    /// <summary>What the general purpose port is set to, in turn, to reset what is behind it.</summary>
    public IReadOnlyList<ushort> Reset { get; init; } = [];

    /// <summary>CSR13, CSR14 and CSR15 of a SIA medium that needs others than usual.</summary>
    public (ushort Csr13, ushort Csr14, ushort Csr15)? Sia { get; init; }

    /// <summary>Number of the PHY; 0 may mean the only one.</summary>
    public byte Phy { get; init; }

    /// <summary>What the PHY shall offer (its register 4); 0 when not told.</summary>
    public ushort Advertisement { get; init; }

    /// <summary>A link bit can be sensed on the general purpose port (21140; command bit 15 clear).</summary>
    public bool HasSense => (Command & 0x8000) == 0;

    /// <summary>Pin with the link bit.</summary>
    public int SensePin => (Command >> 1) & 7;

    /// <summary>The link bit is 0 when the link is good.</summary>
    public bool SenseIsInverted => (Command & 0x80) != 0;

    public bool IsMii => Kind is MediaBlockKind.Mii21140 or MediaBlockKind.Mii21143;
}
