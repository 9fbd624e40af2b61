using FsCheck;
using FsCheck.Fluent;
using GuestOS.Kernel.Block;
using GuestOS.Kernel.Tests.Fakes;
using GuestOS.Machine.Block;

namespace GuestOS.Kernel.Tests.Block;

public sealed class BlockReaderTests
{
    private readonly byte[] _content;

    public BlockReaderTests()
    {
        _content = new byte[512 * 1000];
        new Random(7).NextBytes(_content);
    }

    [Theory]
    [InlineData(512)]
    [InlineData(2048)]
    [InlineData(4096)]
    public void Any_range_reads_the_same_bytes(int blockSize)
    {
        byte[] content = _content[..(_content.Length / blockSize * blockSize)];
        var reader = new BlockReader(new MemoryBlockDevice(content, blockSize));
        Prop.ForAll(Gen.Choose(0, content.Length).Two().ToArbitrary(), range =>
        {
            int start = Math.Min(range.Item1, range.Item2), length = Math.Min(Math.Abs(range.Item1 - range.Item2), 100_000);
            var buffer = new byte[length];
            return reader.ReadAsync((ulong)start, buffer).AsTask().Result.IsSuccess && buffer.AsSpan().SequenceEqual(content.AsSpan(start, length));
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public async Task Short_reads_nearby_cost_one_request_and_large_ones_go_straight_through()
    {
        var device = new MemoryBlockDevice(_content);
        var reader = new BlockReader(device);
        for (uint i = 0; i < 8; i++)
            Assert.True((await reader.ReadAsync(i * 2048, new byte[2048])).IsSuccess);
        Assert.Single(device.Reads);
        device.Reads.Clear();
        Assert.True((await reader.ReadAsync(0, new byte[100 * 512])).IsSuccess);
        Assert.Equal([(0ul, 100 * 512)], device.Reads);
    }

    [Fact]
    public async Task Reads_beyond_the_end_are_errors_and_reach_nothing()
    {
        var device = new MemoryBlockDevice(_content);
        var reader = new BlockReader(device);
        Assert.Equal(BlockErrorKind.InvalidRequest, (await reader.ReadAsync((ulong)_content.Length - 1, new byte[2])).Error!.Kind);
        Assert.Equal(BlockErrorKind.InvalidRequest, (await reader.ReadAsync(ulong.MaxValue, new byte[2])).Error!.Kind);
        Assert.Empty(device.Reads);
        Assert.True((await reader.ReadAsync((ulong)_content.Length - 1, new byte[1])).IsSuccess);
    }

    [Fact]
    public async Task A_bad_block_spoils_only_what_lies_on_it()
    {
        var device = new MemoryBlockDevice(_content);
        device.BadBlocks.Add(5);
        var reader = new BlockReader(device);
        var buffer = new byte[512];
        Assert.True((await reader.ReadAsync(4 * 512, buffer)).IsSuccess);
        Assert.Equal(_content[(4 * 512)..(5 * 512)], buffer);
        BlockResult bad = await reader.ReadAsync((5 * 512) + 100, new byte[10]);
        Assert.Equal((BlockErrorKind.MediumError, 5ul), (bad.Error!.Kind, bad.Error.Block));
        Assert.True((await reader.ReadAsync(6 * 512, buffer)).IsSuccess);
    }
}
