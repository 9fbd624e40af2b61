namespace GuestOS.Kernel.Core;

/// <summary>
/// Frequencies of the time-stamp counter and of the local APIC timer: told by the hypervisor or the processor where they are, measured in 2 ms otherwise.
/// </summary>
internal static unsafe class TscCalibration
{
    private const uint TimingLeaf = 0x4000_0010;
    private const uint TscLeaf = 0x15;
    private const uint FrequencyLeaf = 0x16;
    private const uint PowerLeaf = 0x8000_0007;
    private const uint TscInvariant = 1 << 8;

    /// <summary>Hertz of the time-stamp counter.</summary>
    public static ulong TscFrequency;

    /// <summary>Hertz of the local APIC timer before its divider; 0 without a local APIC.</summary>
    public static ulong ApicFrequency;

    /// <summary>Where the first of the two comes from.</summary>
    public static CalibrationMethod Method;

    /// <summary>True when the counter runs at one rate on all processors, whatever their power state.</summary>
    public static bool IsInvariant;

    /// <summary>Name of the method for the log.</summary>
    public static ReadOnlySpan<byte> MethodName => Method switch
    {
        CalibrationMethod.HyperVFrequency => "hyper-v msr"u8,
        CalibrationMethod.HypervisorLeaf => "hypervisor leaf"u8,
        CalibrationMethod.CpuId => "cpuid"u8,
        CalibrationMethod.Hpet => "hpet"u8,
        CalibrationMethod.PmTimer => "acpi-pm"u8,
        CalibrationMethod.ReferenceCounter => "reference counter"u8,
        CalibrationMethod.Pit => "pit"u8,
        CalibrationMethod.Nominal => "nominal"u8,
        CalibrationMethod.Rtc => "rtc"u8,
        _ => "assumed"u8,
    };

    /// <summary>Fills the fields, on the first processor with its local APIC enabled, HPET and PM timer initialised.</summary>
    public static void Run()
    {
        TscFrequency = 0;
        ApicFrequency = 0;
        IsInvariant = TestInvariant();
        if (!FromHyperV() && !FromHypervisorLeaf() && !FromCpuId())
            Measure();
        if (ApicFrequency == 0 && LocalApic.Present)
        {
            LocalApicTimer.StartMeasurement();
            ApicFrequency = CalibrationWindow.MeasureTimer(&Cpu.ReadTsc, TscFrequency, &LocalApicTimer.ReadMeasurement);
            LocalApicTimer.StopMeasurement();
        }
    }

    private static bool TestInvariant()
    {
        // QEMU's emulation hands out the host's counter, steady on every machine that it runs on well.
        if (Hypervisor.IsTcg)
            return true;
        CpuIdResult.Read(0x8000_0000, 0, out CpuIdResult r);
        if (r.Eax < PowerLeaf)
            return false;
        CpuIdResult.Read(PowerLeaf, 0, out r);
        if ((r.Edx & TscInvariant) != 0)
            return true;
        // Hyper-V hides the invariance from guests that could be moved to another machine, until they ask for it (TLFS 6.0, 12.8).
        if (!HyperV.Has(HypervisorUses.TscInvariant) || Cpu.TryWriteMsr(HyperVMsr.TscInvariantControl, 1) == 0)
            return false;
        CpuIdResult.Read(PowerLeaf, 0, out r);
        return (r.Edx & TscInvariant) != 0;
    }

    private static bool FromHyperV()
    {
        if (!HyperV.Has(HypervisorUses.Frequencies))
            return false;
        ulong tsc;
        ulong apic;
        if (Cpu.TryReadMsr(HyperVMsr.TscFrequency, &tsc) == 0 || !CalibrationWindow.IsPlausible(tsc))
            return false;
        if (Cpu.TryReadMsr(HyperVMsr.ApicFrequency, &apic) != 0 && CalibrationWindow.IsPlausible(apic))
            ApicFrequency = apic;
        TscFrequency = tsc;
        Method = CalibrationMethod.HyperVFrequency;
        return true;
    }

    // VMware's timing leaf, which KVM and QEMU offer too: EAX the counter's, EBX the bus's frequency, in kHz.
    private static bool FromHypervisorLeaf()
    {
        if (Hypervisor.MaximumLeaf < TimingLeaf || Hypervisor.IsHyperV)
            return false;
        CpuIdResult.Read(TimingLeaf, 0, out CpuIdResult r);
        ulong tsc = r.Eax * 1000UL;
        if (!CalibrationWindow.IsPlausible(tsc))
            return false;
        ulong apic = r.Ebx * 1000UL;
        if (CalibrationWindow.IsPlausible(apic))
            ApicFrequency = apic;
        TscFrequency = tsc;
        Method = CalibrationMethod.HypervisorLeaf;
        return true;
    }

    // Intel SDM 2A, CPUID: counter = crystal * EBX / EAX. Where the crystal is not named, the nominal frequency of leaf 0x16 equals the counter's.
    private static bool FromCpuId()
    {
        CpuIdResult.Read(0, 0, out CpuIdResult r);
        if (r.Eax < TscLeaf)
            return false;
        uint maximum = r.Eax;
        CpuIdResult.Read(TscLeaf, 0, out r);
        ulong denominator = r.Eax;
        ulong numerator = r.Ebx;
        ulong crystal = r.Ecx;
        if (denominator == 0 || numerator == 0)
            return false;
        ulong tsc = crystal * numerator / denominator;
        if (crystal == 0 && maximum >= FrequencyLeaf)
        {
            CpuIdResult.Read(FrequencyLeaf, 0, out r);
            tsc = (r.Eax & 0xFFFF) * 1_000_000UL;
            crystal = tsc * denominator / numerator;
        }

        if (!CalibrationWindow.IsPlausible(tsc))
            return false;
        // The timer of such processors counts the crystal (SDM 3A, 11.5.4), which a hypervisor need not imitate.
        if (!Hypervisor.Present && CalibrationWindow.IsPlausible(crystal))
            ApicFrequency = crystal;
        TscFrequency = tsc;
        Method = CalibrationMethod.CpuId;
        return true;
    }

    private static void Measure()
    {
        if (Hpet.Frequency != 0 && MeasureAgainst(&Hpet.ReadLow, 0xFFFF_FFFF, Hpet.Frequency, CalibrationMethod.Hpet))
            return;
        if (PmTimer.Mask != 0 && MeasureAgainst(&PmTimer.Read, PmTimer.Mask, PmTimer.Frequency, CalibrationMethod.PmTimer))
            return;
        if (ReferenceTscPage.Present
            && MeasureAgainst(&ReferenceTscPage.ReadLow, 0xFFFF_FFFF, ReferenceTscPage.Frequency, CalibrationMethod.ReferenceCounter))
            return;
        if (Pit.Start())
        {
            bool measured = MeasureAgainst(&Pit.Read, Pit.Mask, Pit.Frequency, CalibrationMethod.Pit);
            Pit.Stop();
            if (measured)
                return;
        }

        if (FromNominal() || FromRtc())
            return;
        TscFrequency = ClockMath.NanosecondsPerSecond;
        Method = CalibrationMethod.Assumed;
    }

    private static bool MeasureAgainst(delegate*<uint> reference, uint mask, ulong frequency, CalibrationMethod method)
    {
        bool measured;
        ulong tsc;
        ulong apic = 0;
        if (LocalApic.Present)
        {
            LocalApicTimer.StartMeasurement();
            measured = CalibrationWindow.Measure(&Cpu.ReadTsc, reference, mask, frequency, &LocalApicTimer.ReadMeasurement, out tsc, out apic);
            LocalApicTimer.StopMeasurement();
        }
        else
        {
            measured = CalibrationWindow.Measure(&Cpu.ReadTsc, reference, mask, frequency, null, out tsc, out apic);
        }

        if (!measured)
            return false;
        TscFrequency = tsc;
        ApicFrequency = apic;
        Method = method;
        return true;
    }

    private static bool FromNominal()
    {
        CpuIdResult.Read(0, 0, out CpuIdResult r);
        if (r.Eax < FrequencyLeaf)
            return false;
        CpuIdResult.Read(FrequencyLeaf, 0, out r);
        ulong tsc = (r.Eax & 0xFFFF) * 1_000_000UL;
        if (!CalibrationWindow.IsPlausible(tsc))
            return false;
        TscFrequency = tsc;
        Method = CalibrationMethod.Nominal;
        return true;
    }

    private static bool FromRtc()
    {
        if (!Rtc.WaitForSecond())
            return false;
        ulong start = Cpu.ReadTsc();
        if (!Rtc.WaitForSecond())
            return false;
        ulong tsc = Cpu.ReadTsc() - start;
        if (!CalibrationWindow.IsPlausible(tsc))
            return false;
        TscFrequency = tsc;
        Method = CalibrationMethod.Rtc;
        return true;
    }
}
