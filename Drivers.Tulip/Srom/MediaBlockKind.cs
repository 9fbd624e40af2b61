namespace GuestOS.Drivers.Tulip;

/// <summary>Kinds of media blocks (DEC serial ROM format 4.0, section 7). A compact block is of kind 0.</summary>
internal enum MediaBlockKind : byte
{
    /// <summary>21140: a medium behind the SYM or serial port, chosen by the general purpose port.</summary>
    GeneralPurpose = 0,

    /// <summary>21140: a PHY on the MII.</summary>
    Mii21140 = 1,

    /// <summary>21143: the chip's own serial transceiver.</summary>
    Sia = 2,

    /// <summary>21143: a PHY on the MII.</summary>
    Mii21143 = 3,

    /// <summary>21143: a medium behind the SYM port.</summary>
    Sym = 4,

    /// <summary>How to reset what is around the chip.</summary>
    Reset = 5,
}
