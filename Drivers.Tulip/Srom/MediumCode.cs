namespace GuestOS.Drivers.Tulip;

/// <summary>Media as the serial ROM names them (DEC serial ROM format 4.0, table 6). Others may come and are left alone.</summary>
internal enum MediumCode : byte
{
    TenBaseT = 0,
    TenBase2 = 1,
    Aui = 2,
    HundredBaseTx = 3,
    TenBaseTFullDuplex = 4,
    HundredBaseTxFullDuplex = 5,
    HundredBaseT4 = 6,
    HundredBaseFx = 7,
    HundredBaseFxFullDuplex = 8,
}
