using System.Security.Cryptography;
using GuestOS.Kernel.Block;
using GuestOS.Kernel.Tests.Fakes;

namespace GuestOS.Kernel.Tests.Block;

public sealed class BlockHasherTests
{
    [Theory]
    [InlineData(512, 1)]
    [InlineData(512, 5000)]
    [InlineData(2048, 513)]
    [InlineData(4096, 64)]
    public async Task The_whole_device_is_hashed_once(int blockSize, int blocks)
    {
        var content = new byte[blockSize * blocks];
        new Random(blocks).NextBytes(content);
        var device = new MemoryBlockDevice(content, blockSize);
        HashResult result = await BlockHasher.HashAsync(device);
        Assert.Null(result.Error);
        Assert.Equal((ulong)content.Length, result.Length);
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(content)), result.Sha256);
        Assert.Equal(content.Length, device.Reads.Sum(read => read.Length));
    }

    [Fact]
    public async Task Several_reads_are_under_way_at_once()
    {
        var device = new MemoryBlockDevice(new byte[4 << 20]);
        var all = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        int waiting = 0;
        device.BeforeRead = () =>
        {
            if (Interlocked.Increment(ref waiting) == 4)
                all.SetResult();
            return all.Task;
        };
        Assert.Null((await BlockHasher.HashAsync(device)).Error);
    }

    [Fact]
    public async Task An_unreadable_block_is_named()
    {
        var device = new MemoryBlockDevice(new byte[4 << 20]);
        device.BadBlocks.Add(3000);
        HashResult result = await BlockHasher.HashAsync(device);
        Assert.Equal(3000ul, result.Error!.Block);
        Assert.Null(result.Sha256);
    }

    [Fact]
    public async Task An_empty_drive_is_an_error()
    {
        var device = new MemoryBlockDevice([], 2048);
        Assert.NotNull((await BlockHasher.HashAsync(device)).Error);
    }
}
