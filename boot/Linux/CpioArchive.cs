using System.Text;

namespace GuestOS.Boot.Linux;

/// <summary>Writes an initramfs: a cpio archive in the "newc" form (Linux Documentation/driver-api/early-userspace/buffer-format.rst).</summary>
internal sealed class CpioArchive : IDisposable
{
    private const string Magic = "070701";
    private const string Trailer = "TRAILER!!!";
    private const uint ModeFolder = 0x4000 | 0x1ED;
    private const uint ModeProgram = 0x8000 | 0x1ED;
    private const uint ModeCharacterDevice = 0x2000 | 0x180;

    private readonly MemoryStream _stream = new();
    private uint _inode;

    /// <summary>Adds an empty folder; those above it come first.</summary>
    public void AddFolder(string path) => Add(path, ModeFolder, [], 0, 0);

    /// <summary>Adds a file that can be executed.</summary>
    public void AddProgram(string path, ReadOnlySpan<byte> content) => Add(path, ModeProgram, content, 0, 0);

    /// <summary>Adds the node of a character device.</summary>
    public void AddDevice(string path, uint major, uint minor) => Add(path, ModeCharacterDevice, [], major, minor);

    /// <summary>The finished archive.</summary>
    public byte[] Finish()
    {
        Add(Trailer, 0, [], 0, 0);
        return _stream.ToArray();
    }

    /// <inheritdoc/>
    public void Dispose() => _stream.Dispose();

    private void Add(string path, uint mode, ReadOnlySpan<byte> content, uint major, uint minor)
    {
        // Inode, mode, owner, group, links, time, size, device (2), device of a node (2), length of the name, checksum.
        uint[] fields = [++_inode, mode, 0, 0, 1, 0, (uint)content.Length, 0, 0, major, minor, (uint)path.Length + 1, 0];
        _stream.Write(Encoding.ASCII.GetBytes(Magic + string.Concat(fields.Select(field => field.ToString("X8", null)))));
        _stream.Write(Encoding.ASCII.GetBytes(path + "\0"));
        Align();
        _stream.Write(content);
        Align();
    }

    private void Align()
    {
        while (_stream.Length % 4 != 0)
            _stream.WriteByte(0);
    }
}
