namespace GuestOS.Drivers.Ata;

/// <summary>How a drive's data moves.</summary>
public enum TransferMode
{
    /// <summary>The processor moves every word through the data port.</summary>
    Pio,

    /// <summary>The controller moves the data (bus master).</summary>
    Dma,
}
