using GuestOS.Kernel.Block;
using GuestOS.Machine.Block;

namespace GuestOS.Kernel.SelfTests.Soak;

/// <summary>Reads pieces of the boot disk and compares each with what the first reading gave.</summary>
internal sealed class DiskWork : ISoakWork
{
    private const int PieceSize = 64 * 1024;
    private const int MostPieces = 16;

    private readonly IBlockDevice _device;
    private readonly ulong[] _blocks;
    private readonly string[] _hashes;

    private DiskWork(IBlockDevice device, ulong[] blocks, string[] hashes)
    {
        _device = device;
        _blocks = blocks;
        _hashes = hashes;
    }

    public string Name => "disk";

    /// <summary>Reads the pieces for the first time.</summary>
    public static async Task<DiskWork> CreateAsync(IBlockDevice device)
    {
        ulong blocksPerPiece = (ulong)(PieceSize / device.Geometry.BlockSize);
        ulong pieces = Math.Max(1, device.Geometry.BlockCount / blocksPerPiece);
        ulong step = Math.Max(1, pieces / MostPieces);
        var blocks = new List<ulong>();
        var hashes = new List<string>();
        for (ulong piece = 0; piece < pieces && blocks.Count < MostPieces; piece += step)
        {
            blocks.Add(piece * blocksPerPiece);
            hashes.Add(await HashAsync(device, piece * blocksPerPiece).ConfigureAwait(false));
        }

        return new DiskWork(device, [.. blocks], [.. hashes]);
    }

    public bool RunRound(int seed)
    {
        int piece = (seed & int.MaxValue) % _blocks.Length;
        return HashAsync(_device, _blocks[piece]).GetAwaiter().GetResult() == _hashes[piece];
    }

    private static async Task<string> HashAsync(IBlockDevice device, ulong block)
    {
        ulong blocks = Math.Min((ulong)(PieceSize / device.Geometry.BlockSize), device.Geometry.BlockCount - block);
        var bytes = new byte[(int)blocks * device.Geometry.BlockSize];
        (await device.ReadAsync(block, bytes).ConfigureAwait(false)).ThrowIfFailed();
        return Sha256.HashToText(bytes);
    }
}
