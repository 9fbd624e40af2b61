using System.Globalization;
using System.Reflection;
using System.Text.RegularExpressions;

namespace GuestOS.Kernel.Core.Tests;

/// <summary>The assembly's offsets and constants are those of the structures: every one that boot/entry defines, so that a new one must be told here.</summary>
public sealed unsafe partial class EntryLayoutTests
{
    [Fact]
    public void Offsets_in_layout_inc_are_those_of_the_structures()
    {
        Dictionary<string, ulong> actual = Frame();
        Thread thread = default;
        actual["THREAD_FS_BASE"] = Offset(&thread, &thread.FsBase);
        actual["THREAD_FPU"] = Offset(&thread, &thread.Fpu);
        CpuArea cpu = default;
        actual["CPU_SELF"] = Offset(&cpu, &cpu.Self);
        actual["CPU_CURRENT"] = Offset(&cpu, &cpu.Current);
        actual["CPU_STACK"] = Offset(&cpu, &cpu.KernelStackTop);
        actual["CPU_SCRATCH"] = Offset(&cpu, &cpu.Scratch);
        actual["CPU_IN_KERNEL"] = Offset(&cpu, &cpu.InKernel);
        actual["CPU_FPU_RELOAD"] = Offset(&cpu, &cpu.FpuReload);
        actual["CPU_INDEX"] = Offset(&cpu, &cpu.Index);
        actual["CPU_CLOCK_KERNEL"] = Offset(&cpu, &cpu.ClockKernel);
        actual["CPU_CLOCK_USER"] = Offset(&cpu, &cpu.ClockUser);
        actual["SELECTOR_CODE"] = TrapFrame.CodeSelector;
        actual["SELECTOR_DATA"] = TrapFrame.DataSelector;
        actual["SELECTOR_TSS"] = Processor.TaskSelector;
        actual["VECTOR_SYSCALL"] = TrapFrame.SyscallVector;

        // Intel SDM 1, 10.5.1: the legacy region of an XSAVE area.
        actual["FPU_XMM"] = 160;
        Assert.Equal(actual.OrderBy(one => one.Key), Read("layout.inc", Define()).OrderBy(one => one.Key));
    }

    [Fact]
    public void The_thread_begins_with_its_frame_and_what_the_processor_pops_is_together_at_the_frame_s_end()
    {
        Thread thread = default;
        Assert.Equal(0UL, Offset(&thread, &thread.Frame));
        TrapFrame frame = default;

        // IRETQ (AMD64 APM 2, 8.9.3): RIP, CS, RFLAGS, RSP, SS.
        ulong[] popped = [Offset(&frame, &frame.Rip), Offset(&frame, &frame.Cs), Offset(&frame, &frame.Rflags), Offset(&frame, &frame.Rsp), Offset(&frame, &frame.Ss)];
        Assert.Equal(Enumerable.Range(0, 5).Select(i => (ulong)(sizeof(TrapFrame) - 40 + (8 * i))), popped);
    }

    [Fact]
    public void Offsets_in_clock_asm_are_those_of_the_structure()
    {
        ClockData data = default;
        var actual = new Dictionary<string, ulong>
        {
            ["CLOCK_VERSION"] = Offset(&data, &data.Version),
            ["CLOCK_EXPECTED"] = Offset(&data, &data.Expected),
            ["CLOCK_SEQUENCE"] = Offset(&data, &data.Sequence),
            ["CLOCK_TSC_BASE"] = Offset(&data, &data.TscBase),
            ["CLOCK_MULTIPLIER"] = Offset(&data, &data.Multiplier),
            ["CLOCK_BASE"] = Offset(&data, &data.Base),
            ["CLOCK_LEAP_LIMIT"] = Offset(&data, &data.LeapLimit),
            ["CLOCK_WALL"] = Offset(&data, &data.WallClock),
            ["CLOCK_SHIFT"] = Offset(&data, &data.Shift),
        };
        Dictionary<string, ulong> defined = Read("clock.asm", Equate());
        Assert.True(defined.Remove("CLOCK_SIZE", out ulong size));
        Assert.Equal((ulong)sizeof(ClockData), size);
        Assert.Equal(actual.OrderBy(one => one.Key), defined.OrderBy(one => one.Key));
    }

    /// <summary>FRAME_R15 is R15 and so on; FRAME_SIZE is the size.</summary>
    private static Dictionary<string, ulong> Frame()
    {
        var offsets = new Dictionary<string, ulong>();
        ulong offset = 0;
        foreach (FieldInfo field in typeof(TrapFrame).GetFields(BindingFlags.Instance | BindingFlags.Public))
        {
            offsets["FRAME_" + field.Name.ToUpperInvariant()] = offset;
            offset += 8;
        }

        Assert.Equal((ulong)sizeof(TrapFrame), offset);
        offsets["FRAME_SIZE"] = offset;
        return offsets;
    }

    private static ulong Offset(void* structure, void* field) => (ulong)((byte*)field - (byte*)structure);

    private static Dictionary<string, ulong> Read(string file, Regex line)
    {
        using Stream stream = typeof(EntryLayoutTests).Assembly.GetManifestResourceStream(file)!;
        using var reader = new StreamReader(stream);
        return line.Matches(reader.ReadToEnd()).ToDictionary(match => match.Groups["name"].Value, match => Number(match.Groups["value"].Value));
    }

    private static ulong Number(string text) => text.StartsWith("0x", StringComparison.Ordinal)
        ? ulong.Parse(text.AsSpan(2), NumberStyles.HexNumber, CultureInfo.InvariantCulture)
        : ulong.Parse(text, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^%define\s+(?<name>\w+)\s+(?<value>\w+)", RegexOptions.Multiline)]
    private static partial Regex Define();

    [GeneratedRegex(@"^(?<name>CLOCK_\w+)\s+equ\s+(?<value>\w+)", RegexOptions.Multiline)]
    private static partial Regex Equate();
}
