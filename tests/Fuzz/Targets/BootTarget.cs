using System.Buffers.Binary;
using GuestOS.Kernel.Core;
using GuestOS.Testing;

namespace GuestOS.Fuzz.Targets;

/// <summary>
/// What a boot loader leaves for the low-level kernel, with any bytes changed. It lies at the very end of readable memory: a stray read ends the
/// process. An input is which of the loader's structures, then runs of bytes.
/// </summary>
public abstract class BootTarget : FuzzTarget
{
    private const int MostRuns = 16;
    private const int LoaderCapacity = 64;

    /// <inheritdoc/>
    public override int MostBytes => 256;

    private protected abstract BootProtocol Protocol { get; }

    /// <inheritdoc/>
    public override void Run(ReadOnlySpan<byte> input)
    {
        var decisions = new Decisions(input);
        var content = Content(decisions.Next());
        Patches.Apply(decisions, content, MostRuns);
        using var memory = new GuardedMemory(content.Length, address =>
        {
            Relocate(content, address);
            return content;
        });
        KernelState.Reset(typeof(BootInfo));
        ulong information;
        unsafe
        {
            information = (ulong)memory.Pointer;
        }

        var isAccepted = BootInfo.Read(Protocol, information, information, memory.End);
        Require(!isAccepted || BootInfo.RangeCount > 0, "accepted without a memory map");
        JudgeMap();
        JudgeTexts();
        Require(BootInfo.ModuleEnd <= MemoryMap.AddressLimit, $"modules up to 0x{BootInfo.ModuleEnd:x}");
        Require(BootInfo.ModuleStart < BootInfo.ModuleEnd || (BootInfo.ModuleStart | BootInfo.ModuleEnd) == 0, $"modules from 0x{BootInfo.ModuleStart:x} to 0x{BootInfo.ModuleEnd:x}");
    }

    /// <summary>A structure, the same for the same number; what points into it is counted from its beginning.</summary>
    private protected abstract byte[] Content(int kind);

    /// <summary>Makes addresses of what points into the structure.</summary>
    private protected virtual void Relocate(Span<byte> content, ulong address)
    {
    }

    /// <summary>Makes an address of the place at an offset; 0, which is no place, stays.</summary>
    private protected static void Relocate64(Span<byte> content, int offset, ulong address)
    {
        var place = content[offset..];
        if (BinaryPrimitives.ReadUInt64LittleEndian(place) is not 0 and var relative)
            BinaryPrimitives.WriteUInt64LittleEndian(place, relative + address);
    }

    private static unsafe void JudgeMap()
    {
        Require(BootInfo.RangeCount <= MemoryMap.MostPieces, $"{BootInfo.RangeCount} ranges");
        var previous = default(MemoryRange);
        for (var i = 0; i < BootInfo.RangeCount; i++)
        {
            var range = BootInfo.Ranges[i];
            Require(range.Length != 0 && range.End > range.Start && range.End <= MemoryMap.AddressLimit, $"range {i} from 0x{range.Start:x} to 0x{range.End:x}");
            Require(range.Start >= previous.End, $"range {i} begins at 0x{range.Start:x}, before the end of the one below");
            previous = range;
        }
    }

    /// <summary>The texts end, and every word of the command line is found within it.</summary>
    private static unsafe void JudgeTexts()
    {
        Require(BootInfo.CommandLineLength < BootInfo.CommandLineCapacity && BootInfo.CommandLine[BootInfo.CommandLineLength] == 0, "a command line without end");
        Require(BootInfo.LoaderLength < LoaderCapacity && BootInfo.Loader[BootInfo.LoaderLength] == 0, "a loader's name without end");
        var end = BootInfo.CommandLine + BootInfo.CommandLineLength;
        var cursor = BootInfo.CommandLine;
        while (BootOptions.NextWithPrefix(ref cursor, "e"u8, out var word, out var length))
            Require(length > 0 && word + length <= end && cursor <= end, "a word that leaves the command line");
        var value = BootOptions.Find("a"u8, out var valueLength);
        Require(value == null || (valueLength >= 0 && value + valueLength <= end), "an option that leaves the command line");
        Require(BootOptions.ProgramArguments() <= end, "arguments that leave the command line");
        BootOptions.Number("n"u8, 0);
    }
}
