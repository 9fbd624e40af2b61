using System.Buffers.Binary;
using System.Text;

namespace GuestOS.Testing.Images;

/// <summary>Structures as boot loaders leave them. Offsets are literals of Multiboot2 2.0, Xen's start_info.h and Linux's zero-page.rst.</summary>
internal static class LoaderImages
{
    /// <summary>Bytes of a PVH start information of version 1.</summary>
    public const int StartInfoBytes = 56;

    public static byte[] Multiboot(params byte[][] tags)
    {
        byte[] body = [.. tags.SelectMany(tag => tag.Concat(new byte[(8 - tag.Length % 8) % 8]))];
        return [.. U32((uint)body.Length + 8), .. U32(0), .. body];
    }

    public static byte[] Tag(uint type, byte[] content) => [.. U32(type), .. U32((uint)content.Length + 8), .. content];

    /// <summary>The memory map's tag.</summary>
    public static byte[] MapTag(params byte[][] ranges) => Tag(6, [.. U32(24), .. U32(0), .. ranges.SelectMany(range => range)]);

    /// <summary>An entry of Multiboot2's memory map and of PVH's.</summary>
    public static byte[] Range(ulong start, ulong length, uint type) => [.. U64(start), .. U64(length), .. U32(type), .. U32(0)];

    public static byte[] StartInfo(ulong commandLine, (ulong Address, uint Count) map, (ulong Address, uint Count) modules = default) =>
    [
        .. U32(0x336EC578), .. U32(1), .. U32(0), .. U32(modules.Count), .. U64(modules.Address), .. U64(commandLine), .. U64(0xF5A20),
        .. U64(map.Address), .. U32(map.Count), .. U32(0),
    ];

    /// <summary>An entry of PVH's list of modules.</summary>
    public static byte[] Module(ulong start, ulong length) => [.. U64(start), .. U64(length), .. U64(0), .. U64(0)];

    /// <summary>A zero page with a memory map, an initrd, a root pointer and a frame buffer.</summary>
    public static byte[] ZeroPage(ulong commandLine, params byte[][] ranges)
    {
        byte[] zero = new byte[4096];
        zero[0x1E8] = (byte)ranges.Length;
        for (int i = 0; i < ranges.Length; i++)
            ranges[i].AsSpan(0, 20).CopyTo(zero.AsSpan(0x2D0 + 20 * i));
        U32(0x2000000).CopyTo(zero, 0x218);
        U32(0x1000).CopyTo(zero, 0x21C);
        U32((uint)commandLine).CopyTo(zero, 0x228);
        U32((uint)(commandLine >> 32)).CopyTo(zero, 0x0C8);
        U64(0xE0000).CopyTo(zero, 0x70);
        zero[0x0F] = 0x70;
        BinaryPrimitives.WriteUInt16LittleEndian(zero.AsSpan(0x12), 800);
        BinaryPrimitives.WriteUInt16LittleEndian(zero.AsSpan(0x14), 600);
        return zero;
    }

    public static byte[] Text(string text) => [.. Encoding.UTF8.GetBytes(text), 0];

    public static byte[] U32(uint value) => BitConverter.GetBytes(value);

    public static byte[] U64(ulong value) => BitConverter.GetBytes(value);
}
