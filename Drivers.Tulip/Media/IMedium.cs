namespace GuestOS.Drivers.Tulip;

/// <summary>How the chip is connected to the wire.</summary>
internal interface IMedium
{
    /// <summary>For people, for example "MII PHY 1".</summary>
    string Name { get; }

    /// <summary>Sets it up, once, what lies outside of the chip included. The chip is stopped.</summary>
    void Select();

    /// <summary>Sets those registers of the chip again that a software reset has cleared.</summary>
    void Restore();

    /// <summary>Looks at the link.</summary>
    MediumState Poll();
}
