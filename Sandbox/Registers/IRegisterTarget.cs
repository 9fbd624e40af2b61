namespace GuestOS.Sandbox.Registers;

/// <summary>Registers of a device model, addressed from the start of one of its blocks.</summary>
public interface IRegisterTarget
{
    /// <summary>Reads 1, 2 or 4 bytes.</summary>
    uint Read(int offset, int size);

    /// <summary>Writes 1, 2 or 4 bytes.</summary>
    void Write(int offset, int size, uint value);
}
