using System.Buffers.Binary;
using System.Globalization;
using GuestOS.Boot.Hosts.Qemu;
using GuestOS.Boot.Images;

namespace GuestOS.Boot.Hosts.Lab;

/// <summary>
/// Starts a guest of four instructions: a KVM that claims everything may still fail at the first instruction outside real mode. The guest is
/// entered in protected mode (PVH) and ends its machine by the debug port.
/// </summary>
internal static class KvmTrial
{
    private const int LoadAddress = 1 << 20;
    private const int NoteTypePhys32Entry = 18;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    /// <summary>mov dx, 0xF4; mov al, 0x10; out dx, al; hlt.</summary>
    private static ReadOnlySpan<byte> Code => [0x66, 0xBA, 0xF4, 0x00, 0xB0, GuestExit.StatusPassed, 0xEE, 0xF4];

    /// <summary>Starts it.</summary>
    /// <param name="program">The QEMU.</param>
    /// <param name="accelerator">How it is to run instructions.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Why it did not run; null when it did.</returns>
    public static async Task<string?> RunAsync(QemuProgram program, QemuAccelerator accelerator, CancellationToken cancellationToken)
    {
        using var work = new WorkFolder();
        var kernel = work.File("trial.elf");
        await File.WriteAllBytesAsync(kernel, Kernel(), cancellationToken).ConfigureAwait(false);
        var machine = new MachineSpec { Name = "trial", Boot = new BootMedium(kernel, ImageFormat.Elf), MemoryMiB = 64, DebugExit = true, HasDisplay = false };
        try
        {
            var guest = await QemuGuest.StartAsync(machine, new LocalSite(program, accelerator), cancellationToken).ConfigureAwait(false);
            await using (guest.ConfigureAwait(false))
            {
                await guest.PowerOnAsync(cancellationToken).ConfigureAwait(false);
                var exit = await guest.Exit.WaitAsync(Limit, cancellationToken).ConfigureAwait(false);
                return exit is { Kind: GuestExitKind.DebugPort, Status: GuestExit.StatusPassed } ? null : $"a trial guest {exit}";
            }
        }
        catch (TimeoutException)
        {
            return string.Create(CultureInfo.InvariantCulture, $"a trial guest did not end within {Limit.TotalSeconds:F0} s");
        }
        catch (Build.ToolException e)
        {
            return e.Message;
        }
    }

    /// <summary>An ELF with the code and a note that names its entry (Xen public/elfnote.h, XEN_ELFNOTE_PHYS32_ENTRY).</summary>
    private static byte[] Kernel()
    {
        const int headerSize = 64;
        const int segmentSize = 56;
        const int noteOffset = headerSize + 2 * segmentSize;
        const int noteSize = 20;
        const int codeOffset = noteOffset + noteSize;
        var file = new byte[codeOffset + Code.Length];
        var header = file.AsSpan();

        // Class 64, little-endian, version 1; an executable for x86-64.
        new byte[] { 0x7F, (byte)'E', (byte)'L', (byte)'F', 2, 1, 1 }.CopyTo(header);
        BinaryPrimitives.WriteUInt16LittleEndian(header[16..], 2);
        BinaryPrimitives.WriteUInt16LittleEndian(header[18..], 62);
        BinaryPrimitives.WriteUInt32LittleEndian(header[20..], 1);
        BinaryPrimitives.WriteUInt64LittleEndian(header[24..], LoadAddress + codeOffset);
        BinaryPrimitives.WriteUInt64LittleEndian(header[32..], headerSize);
        BinaryPrimitives.WriteUInt16LittleEndian(header[52..], headerSize);
        BinaryPrimitives.WriteUInt16LittleEndian(header[54..], segmentSize);
        BinaryPrimitives.WriteUInt16LittleEndian(header[56..], 2);
        WriteSegment(header[headerSize..], type: 1, offset: 0, LoadAddress, file.Length, alignment: 1);
        WriteSegment(header[(headerSize + segmentSize)..], type: 4, noteOffset, LoadAddress + noteOffset, noteSize, alignment: 4);

        var note = header[noteOffset..];
        BinaryPrimitives.WriteUInt32LittleEndian(note, 4);
        BinaryPrimitives.WriteUInt32LittleEndian(note[4..], 4);
        BinaryPrimitives.WriteUInt32LittleEndian(note[8..], NoteTypePhys32Entry);
        "Xen\0"u8.CopyTo(note[12..]);
        BinaryPrimitives.WriteUInt32LittleEndian(note[16..], LoadAddress + codeOffset);
        Code.CopyTo(header[codeOffset..]);
        return file;
    }

    private static void WriteSegment(Span<byte> segment, uint type, long offset, long address, long size, long alignment)
    {
        const uint readAndExecute = 5;
        BinaryPrimitives.WriteUInt32LittleEndian(segment, type);
        BinaryPrimitives.WriteUInt32LittleEndian(segment[4..], readAndExecute);
        BinaryPrimitives.WriteInt64LittleEndian(segment[8..], offset);
        BinaryPrimitives.WriteInt64LittleEndian(segment[16..], address);
        BinaryPrimitives.WriteInt64LittleEndian(segment[24..], address);
        BinaryPrimitives.WriteInt64LittleEndian(segment[32..], size);
        BinaryPrimitives.WriteInt64LittleEndian(segment[40..], size);
        BinaryPrimitives.WriteInt64LittleEndian(segment[48..], alignment);
    }
}
