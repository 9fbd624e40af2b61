using GuestOS.Drivers.VmBus.Protocol.Hypervisor;
using GuestOS.Machine;
using GuestOS.Machine.Processors;

namespace GuestOS.Drivers.VmBus.Hypervisor;

/// <summary>Tells the host that the guest dies (TLFS 2.5, crash registers). Its memory is taken beforehand; a report allocates nothing and takes no lock.</summary>
public sealed class CrashReporter : IDisposable
{
    /// <summary>Bytes of text that a report carries.</summary>
    public const int LongestText = 4096;

    private readonly IMsr _msr;
    private readonly DmaBuffer _text;
    private readonly GuestOsId _osId;
    private readonly bool _takesText;
    private int _reported;

    private CrashReporter(ProcessorPlatform platform, GuestOsId osId)
    {
        _msr = platform.Msr;
        _osId = osId;
        _text = platform.Dma.Allocate(LongestText, DmaConstraints.None);
        // Reading the control register tells what it takes.
        _takesText = (_msr.Read(Msr.CrashControl) & Msr.CrashMessage) != 0;
    }

    /// <summary>Null when the host has no crash registers.</summary>
    public static CrashReporter? TryCreate(ProcessorPlatform platform, HypervisorInfo info, GuestOsId osId)
    {
        ArgumentNullException.ThrowIfNull(platform);
        ArgumentNullException.ThrowIfNull(info);
        return info.Has(HypervisorFeatures.Crash) ? new CrashReporter(platform, osId) : null;
    }

    /// <summary>Reports once; later calls do nothing.</summary>
    /// <param name="code">What happened.</param>
    /// <param name="instruction">Where.</param>
    /// <param name="accumulator">RAX there.</param>
    /// <param name="stack">RSP there.</param>
    public bool Report(ulong code, ulong instruction, ulong accumulator, ulong stack)
    {
        if (Interlocked.Exchange(ref _reported, 1) != 0)
            return false;
        WriteParameters(code, _osId.Value, instruction, accumulator, stack);
        _msr.Write(Msr.CrashControl, Msr.CrashNotify);
        return true;
    }

    /// <summary>Reports with a text, cut at <see cref="LongestText"/> bytes; on hosts that take no text as a plain report with code 0.</summary>
    public bool Report(ReadOnlySpan<byte> text)
    {
        if (!_takesText)
            return Report(0, 0, 0, 0);
        if (Interlocked.Exchange(ref _reported, 1) != 0)
            return false;
        text = text[..Math.Min(text.Length, LongestText)];
        text.CopyTo(_text.GetSpan());
        WriteParameters(0, 0, 0, _text.PhysicalAddress.Value, (ulong)text.Length);
        _msr.Write(Msr.CrashControl, Msr.CrashNotify | Msr.CrashMessage);
        return true;
    }

    /// <inheritdoc/>
    public void Dispose() => _text.Dispose();

    private void WriteParameters(ulong p0, ulong p1, ulong p2, ulong p3, ulong p4)
    {
        _msr.Write(Msr.CrashP0, p0);
        _msr.Write(Msr.CrashP0 + 1, p1);
        _msr.Write(Msr.CrashP0 + 2, p2);
        _msr.Write(Msr.CrashP0 + 3, p3);
        _msr.Write(Msr.CrashP0 + 4, p4);
    }
}
