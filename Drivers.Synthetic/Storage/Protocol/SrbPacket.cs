using System.Runtime.InteropServices;

namespace GuestOS.Drivers.Synthetic.Storage.Protocol;

/// <summary>EXECUTE_SRB and its answer, 64 bytes; before 5.1 the last 16 are not on the wire.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct SrbPacket
{
    /// <summary>0.</summary>
    public StorageHeader Header;

    /// <summary>12: bytes from here on.</summary>
    public ushort Length;

    /// <summary>14: of an answer.</summary>
    public SrbStatus SrbStatus;

    /// <summary>15: of an answer.</summary>
    public ScsiStatus ScsiStatus;

    /// <summary>16.</summary>
    public byte Port;

    /// <summary>17: bus.</summary>
    public byte Path;

    /// <summary>18.</summary>
    public byte Target;

    /// <summary>19.</summary>
    public byte Lun;

    /// <summary>20: 6 to 16.</summary>
    public byte CdbLength;

    /// <summary>21: room for sense data; in an answer what there is of it, which counts only with <see cref="SrbStatus.SenseValid"/>.</summary>
    public byte SenseLength;

    /// <summary>22.</summary>
    public DataDirection Direction;

    /// <summary>23: zero.</summary>
    public byte Reserved0;

    /// <summary>24: bytes that are wanted, or done.</summary>
    public uint TransferLength;

    /// <summary>28: the command, 16 bytes; in an answer the sense data, 20 bytes.</summary>
    public CdbOrSense CdbOrSense;

    /// <summary>48: zero.</summary>
    public ushort Reserved1;

    /// <summary>50: 0xFF for none.</summary>
    public byte QueueTag;

    /// <summary>51.</summary>
    public byte QueueAction;

    /// <summary>52.</summary>
    public SrbFlags SrbFlags;

    /// <summary>56: seconds.</summary>
    public uint Timeout;

    /// <summary>60.</summary>
    public uint QueueSortKey;
}
