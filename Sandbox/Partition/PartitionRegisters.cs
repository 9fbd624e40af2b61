using GuestOS.Drivers.VmBus.Protocol.Hypervisor;
using GuestOS.Machine.Processors;
using GuestOS.Sandbox.Memory;

namespace GuestOS.Sandbox.Partition;

/// <summary>The hypervisor's model-specific registers. One that is not granted, or a value that is not taken, faults.</summary>
public sealed class PartitionRegisters : IMsr, IDisposable
{
    private readonly SimulatedPartition _partition;
    private readonly ulong[] _crash = new ulong[5];
    private SharedPages? _reference;

    internal PartitionRegisters(SimulatedPartition partition) => _partition = partition;

    /// <summary>GUEST_OS_ID.</summary>
    public ulong GuestOsId { get; set; }

    /// <summary>HYPERCALL.</summary>
    public ulong Hypercall { get; set; }

    /// <summary>REFERENCE_TSC.</summary>
    public ulong ReferenceTsc { get; private set; }

    /// <summary>RESET was written.</summary>
    public bool IsReset { get; private set; }

    /// <summary>Crash reports: control word, P0 to P4, text.</summary>
    public List<(ulong Control, ulong[] Parameters, byte[] Text)> Crashes { get; } = [];

    /// <summary>What reading CRASH_CTL gives.</summary>
    public ulong CrashCapabilities { get; set; } = Msr.CrashNotify | Msr.CrashMessage;

    private VirtualProcessor Current => _partition.Processors[_partition.Current];

    /// <inheritdoc/>
    public ulong Read(uint register) => TryRead(register, out var value) ? value : throw new SimulatedFaultException($"#GP: RDMSR {register:x}");

    /// <inheritdoc/>
    public void Write(uint register, ulong value)
    {
        if (!TryWrite(register, value))
            throw new SimulatedFaultException($"#GP: WRMSR {register:x} = {value:x}");
    }

    /// <inheritdoc/>
    public bool TryRead(uint register, out ulong value)
    {
        value = 0;
        if (!IsGranted(register))
            return false;
        switch (register)
        {
            case Msr.GuestOsId: value = GuestOsId; break;
            case Msr.Hypercall: value = Hypercall; break;
            case Msr.VpIndex: value = Current.VpIndex; break;
            case Msr.VpRuntime: value = _partition.ReferenceTime / 2; break;
            case Msr.ReferenceCounter: value = _partition.ReferenceTime; break;
            case Msr.ReferenceTsc: value = ReferenceTsc; break;
            case Msr.TscFrequency: value = _partition.Options.TscFrequency; break;
            case Msr.ApicFrequency: value = 200_000_000; break;
            case Msr.VpAssistPage: value = Current.AssistPage; break;
            case Msr.GuestIdle: break;
            case >= Msr.SControl and < Msr.Sint0 + 16: value = Current.SynIc.Read(register); break;
            case >= Msr.Timer0Config and < Msr.Timer0Config + 8:
                var timer = Current.Timers[(int)(register - Msr.Timer0Config) / 2];
                value = register % 2 == 0 ? timer.Config.Value : timer.Count;
                break;
            case >= Msr.CrashP0 and < Msr.CrashControl: value = _crash[register - Msr.CrashP0]; break;
            case Msr.CrashControl: value = CrashCapabilities; break;
            default: return false;
        }

        return true;
    }

    /// <inheritdoc/>
    public bool TryWrite(uint register, ulong value)
    {
        if (!IsGranted(register))
            return false;
        switch (register)
        {
            case Msr.GuestOsId:
                GuestOsId = value;
                if (value == 0)
                    Hypercall &= ~Msr.PageEnable;
                return true;
            case Msr.Hypercall:
                if ((Hypercall & Msr.HypercallLocked) == 0)
                    Hypercall = GuestOsId == 0 ? value & ~Msr.PageEnable : value;
                return true;
            case Msr.Reset:
                IsReset |= (value & 1) != 0;
                return true;
            case Msr.ReferenceTsc:
                ReferenceTsc = value;
                _reference?.Dispose();
                _reference = (value & 1) != 0 ? SharedPages.TryOpen(_partition.Memory, [value >> 12]) : null;
                SetReferencePage(1);
                return true;
            case Msr.VpAssistPage:
                Current.AssistPage = value;
                return true;
            case Msr.Eoi:
                Current.EndsOfInterrupt++;
                return true;
            case Msr.TscInvariant:
                return true;
            case >= Msr.SControl and < Msr.Sint0 + 16:
                return Current.SynIc.TryWrite(register, value);
            case >= Msr.Timer0Config and < Msr.Timer0Config + 8:
                var timer = Current.Timers[(int)(register - Msr.Timer0Config) / 2];
                if (register % 2 == 0)
                    return timer.TryWriteConfig(value);
                timer.WriteCount(value);
                return true;
            case >= Msr.CrashP0 and < Msr.CrashControl:
                _crash[register - Msr.CrashP0] = value;
                return true;
            case Msr.CrashControl:
                TakeCrash(value);
                return true;
            default:
                return false;
        }
    }

    /// <summary>Writes the reference page; sequence 0 makes it invalid.</summary>
    public void SetReferencePage(uint sequence)
    {
        if (_reference is null)
            return;
        // One more than the quotient: exact for every multiple of the ratio that a test reads.
        var scale = (ulong)(((UInt128)1 << 64) / (_partition.Options.TscFrequency / 10_000_000)) + 1;
        _reference.Write(ReferenceTscLayout.Scale, BitConverter.GetBytes(scale));
        _reference.Write(ReferenceTscLayout.Offset, new byte[8]);
        Volatile.Write(ref _reference.Word(ReferenceTscLayout.Sequence), sequence);
    }

    /// <inheritdoc/>
    public void Dispose() => _reference?.Dispose();

    private void TakeCrash(ulong control)
    {
        var text = new byte[(control & Msr.CrashMessage) != 0 ? Math.Min(_crash[4], 4096) : 0];
        if (text.Length > 0)
            _partition.Memory.TryRead(_crash[3], text);
        Crashes.Add((control, [.. _crash], text));
    }

    private bool IsGranted(uint register)
    {
        var options = _partition.Options;
        if (!options.IsHyperV || !options.IsHypervisorPresent)
            return false;
        var needed = register switch
        {
            Msr.GuestOsId or Msr.Hypercall => PartitionPrivileges.Hypercall,
            Msr.VpIndex => PartitionPrivileges.VpIndex,
            Msr.Reset => PartitionPrivileges.Reset,
            Msr.VpRuntime => PartitionPrivileges.VpRuntime,
            Msr.ReferenceCounter => PartitionPrivileges.ReferenceCounter,
            Msr.ReferenceTsc => PartitionPrivileges.ReferenceTsc,
            Msr.TscFrequency or Msr.ApicFrequency => PartitionPrivileges.Frequencies,
            >= Msr.Eoi and <= Msr.VpAssistPage => PartitionPrivileges.ApicRegisters,
            >= Msr.SControl and < Msr.Sint0 + 16 => PartitionPrivileges.SynIc,
            >= Msr.Timer0Config and < Msr.Timer0Config + 8 => PartitionPrivileges.SyntheticTimers,
            Msr.GuestIdle => PartitionPrivileges.GuestIdle,
            Msr.TscInvariant => PartitionPrivileges.TscInvariant,
            _ => PartitionPrivileges.None,
        };
        if (register is >= Msr.CrashP0 and <= Msr.CrashControl && (options.Features & HypervisorFeatures.Crash) == 0)
            return false;
        return (options.Privileges & needed) == needed;
    }
}
