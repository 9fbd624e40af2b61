using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using GuestOS.Kernel.Core;
using GuestOS.Kernel.FileSystems;
using GuestOS.Kernel.FileSystems.Serving;

namespace GuestOS.Kernel.Tests.Hardware;

/// <summary>Sizes and places against literals: struct stat from the x86-64 psABI of Linux, our own structures as they were agreed.</summary>
public sealed class AbiTests
{
    [Fact]
    public void Structures_have_their_sizes()
    {
        Assert.Equal(144, Unsafe.SizeOf<LinuxStat>());
        Assert.Equal(16, Unsafe.SizeOf<Segment>());
        Assert.Equal(64, Unsafe.SizeOf<FileRequest>());
        Assert.Equal(32, Unsafe.SizeOf<InterruptInfo>());
        Assert.Equal(56, Unsafe.SizeOf<ThreadInfo>());
        Assert.Equal(104, Unsafe.SizeOf<MemoryInfo>());
        Assert.Equal(120, Unsafe.SizeOf<HypervisorInfo>());
        Assert.Equal(80, Unsafe.SizeOf<ProcessorInfo>());
        Assert.Equal(96, Unsafe.SizeOf<ClockInfo>());
    }

    [Fact]
    public void A_status_has_the_layout_of_struct_stat()
    {
        var bytes = new byte[144];
        var node = new FileNode
        {
            Name = "x",
            Kind = FileNodeKind.File,
            Size = 0x1_0000_0001,
            Inode = 0x1122,
            Permissions = 0x124,
            Modified = new DateTimeOffset(2025, 1, 2, 3, 4, 5, 600, TimeSpan.FromHours(2)),
        };
        Assert.True(FileStatus.TryWrite(node, 7, bytes));
        Assert.Equal(7ul, MemoryMarshal.Read<ulong>(bytes)); // st_dev
        Assert.Equal(0x1122ul, MemoryMarshal.Read<ulong>(bytes.AsSpan(8))); // st_ino
        Assert.Equal(1ul, MemoryMarshal.Read<ulong>(bytes.AsSpan(16))); // st_nlink
        Assert.Equal(0x8124u, MemoryMarshal.Read<uint>(bytes.AsSpan(24))); // st_mode
        Assert.Equal(0x1_0000_0001, MemoryMarshal.Read<long>(bytes.AsSpan(48))); // st_size
        Assert.Equal((0x1_0000_0001 + 511) / 512, MemoryMarshal.Read<long>(bytes.AsSpan(64))); // st_blocks
        Assert.Equal(node.Modified.ToUnixTimeSeconds(), MemoryMarshal.Read<long>(bytes.AsSpan(88))); // st_mtim.tv_sec
        Assert.Equal(600_000_000, MemoryMarshal.Read<long>(bytes.AsSpan(96))); // st_mtim.tv_nsec
        Assert.False(FileStatus.TryWrite(node, 7, new byte[143]));
    }
}
