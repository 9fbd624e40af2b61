namespace GuestOS.Drivers.Synthetic.Network.Protocol;

/// <summary>Type of an RNDIS message ([MS-RNDIS] 2.2).</summary>
public enum RndisMessageType : uint
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>A frame.</summary>
    Packet = 1,

    /// <summary>Guest: begins.</summary>
    Initialize = 2,

    /// <summary>Guest: ends.</summary>
    Halt = 3,

    /// <summary>Guest: asks for an OID's value.</summary>
    Query = 4,

    /// <summary>Guest: sets an OID's value.</summary>
    Set = 5,

    /// <summary>Guest: resets.</summary>
    Reset = 6,

    /// <summary>Host: something has changed.</summary>
    IndicateStatus = 7,

    /// <summary>Both: are you there?</summary>
    KeepAlive = 8,

    /// <summary>Answer to <see cref="Initialize"/>.</summary>
    InitializeComplete = 0x8000_0002,

    /// <summary>Answer to <see cref="Query"/>.</summary>
    QueryComplete = 0x8000_0004,

    /// <summary>Answer to <see cref="Set"/>.</summary>
    SetComplete = 0x8000_0005,

    /// <summary>Answer to <see cref="Reset"/>.</summary>
    ResetComplete = 0x8000_0006,

    /// <summary>Answer to <see cref="KeepAlive"/>.</summary>
    KeepAliveComplete = 0x8000_0008,
}
