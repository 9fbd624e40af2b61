using System.Diagnostics;
using System.Globalization;
using GuestOS.Kernel.Core;
using GuestOS.Kernel.Hardware;
using GuestOS.Machine;
using GuestOS.Machine.Processors;

namespace GuestOS.Kernel.SelfTests;

/// <summary>
/// <c>processors</c>: runs code on each processor, reads registers that exist and one that does not, and lets every processor interrupt
/// itself through a vector of its own, for the time until the handler runs. The first handler on each starts a thread and waits for its end, as
/// the thread pool may have to when a handler gives it work.
/// </summary>
internal sealed class ProcessorsSelfTest : ISelfTest
{
    private const int Rounds = 200;

    /// <summary>An interrupt that has not come after this long is lost.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    // Intel SDM 4, table 2-2: the local APIC's base, which holds its enable bit; keys of supervisor pages, whose upper half no processor takes; and a number
    // without a meaning.
    private const uint ApicBase = 0x1B;
    private const uint SupervisorKeys = 0x6E1;
    private const uint Nonexistent = 0x2FFF_FFFF;

    /// <summary>QEMU's emulation reads zero from registers that do not exist.</summary>
    private const string Emulation = "TCGTCGTCGTCG";

    public string Name => "processors";

    public Task<bool> RunAsync(KernelSystem system, IReadOnlyList<string> arguments)
    {
        if (arguments.Count != 0)
            throw new SelfTestException("it takes no arguments");
        ProcessorPlatform platform = system.Machine.Processors;
        var latencies = new List<long>();
        string? error = CheckRegisters(platform.Msr, canFault: system.Machine.Information.HypervisorVendor != Emulation);
        for (int processor = 0; processor < platform.Processors.Count; processor++)
            error ??= CheckPlace(platform.Processors, processor);
        if (error is null && system.Machine.Information.InterruptController != InterruptControllerKind.Pic8259)
            error = CheckInterrupts(system.Machine, latencies);
        latencies.Sort();
        system.Machine.Events.Write(
            "processors",
            new("cpus", platform.Processors.Count),
            new("interrupts", latencies.Count),
            new("medianNs", latencies.Count == 0 ? 0 : latencies[latencies.Count / 2]),
            new("worstNs", latencies.Count == 0 ? 0 : latencies[^1]),
            new("result", error is null ? "ok" : "error"),
            new("error", error));
        return Task.FromResult(error is null);
    }

    private static string? CheckRegisters(IMsr msr, bool canFault)
    {
        if (msr.TryWrite(SupervisorKeys, ulong.MaxValue) || (canFault && msr.TryRead(Nonexistent, out _)))
            return "a register that does not exist was read or written";
        return msr.TryRead(ApicBase, out ulong value) && value != 0 && value == msr.Read(ApicBase) ? null : "the local APIC's base reads differently each time";
    }

    private static string? CheckPlace(IProcessors processors, int processor)
    {
        int seen = -1;
        processors.Run(processor, () => seen = processors.Current);
        return seen == processor ? null : string.Create(CultureInfo.InvariantCulture, $"work for processor {processor} ran on {seen}");
    }

    private static string? CheckInterrupts(KernelMachine machine, List<long> latencies)
    {
        ProcessorPlatform platform = machine.Processors;
        var apic = new SelfInterrupt(machine);
        long sent = 0;
        int expected = -1;
        string? error = null;
        using var came = new AutoResetEvent(false);
        using IProcessorVector vector = platform.Vectors.Allocate(
            "self-test",
            processor =>
            {
                latencies.Add((long)Stopwatch.GetElapsedTime(Volatile.Read(ref sent)).TotalNanoseconds);
                if (latencies.Count <= platform.Processors.Count)
                    StartAndJoin();
                if (processor != expected || platform.Processors.Current != expected)
                    error = string.Create(CultureInfo.InvariantCulture, $"an interrupt for processor {expected} was handled on {processor}");
                came.Set();
            },
            endsItself: false);
        for (int i = 0; i < Rounds && error is null; i++)
        {
            expected = i % platform.Processors.Count;
            platform.Processors.Run(expected, () =>
            {
                Volatile.Write(ref sent, Stopwatch.GetTimestamp());
                apic.Send(vector.Vector);
            });
            if (!came.WaitOne(Patience))
                return string.Create(CultureInfo.InvariantCulture, $"interrupt {i} did not come on processor {expected}");
        }

        return error;
    }

    private static void StartAndJoin()
    {
        var thread = new Thread(() => { });
        thread.Start();
        thread.Join();
    }

    /// <summary>The local APIC's command register, with the destination shorthand "self" (Intel SDM 3A, 11.6.1).</summary>
    private sealed class SelfInterrupt
    {
        private const uint X2ApicCommand = 0x830;
        private const int Command = 0x300;
        private const int RegisterBytes = 0x400;
        private const uint ToSelf = (1 << 18) | (1 << 14);
        private const ulong BaseMask = 0x000F_FFFF_FFFF_F000;

        private readonly IMsr _msr;
        private readonly IRegisterWindow? _window;

        public SelfInterrupt(KernelMachine machine)
        {
            _msr = machine.Processors.Msr;
            if (machine.Information.InterruptController != InterruptControllerKind.X2Apic)
                _window = machine.Memory.MapRegisters(_msr.Read(ApicBase) & BaseMask, RegisterBytes);
        }

        public void Send(byte vector)
        {
            if (_window is null)
                _msr.Write(X2ApicCommand, ToSelf | vector);
            else
                _window.Write32(Command, ToSelf | vector);
        }
    }
}
