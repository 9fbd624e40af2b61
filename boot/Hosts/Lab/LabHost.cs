using System.Globalization;
using GuestOS.Boot.Build;
using GuestOS.Boot.Consoles;
using GuestOS.Boot.Events;
using GuestOS.Boot.Hosts.Qemu;
using GuestOS.Boot.Prerequisites;

namespace GuestOS.Boot.Hosts.Lab;

/// <summary>
/// QEMU on a KVM with Hyper-V's interface: this machine's, where it really has it, or else that of an emulated machine (see
/// <see cref="LabMachine"/>), which works everywhere, and is slow.
/// </summary>
/// <param name="cache">Where the lab is kept.</param>
/// <param name="recipe">What it is made of.</param>
internal sealed class LabHost(LabCache cache, LabRecipe recipe) : IHost
{
    /// <summary>The host's name on the command line.</summary>
    public const string HostName = "lab";

    /// <summary>Message of the panic of a guest that got an interrupt while it had them off (boot/EVENTS.md).</summary>
    private const string ForbiddenInterrupt = "interrupt while interrupts were off";

    /// <summary>Where Linux has its interrupt table (Documentation/arch/x86/x86_64/mm.rst, cpu_entry_area); GuestOS has its own in its image.</summary>
    private const ulong LinuxInterruptTable = 0xFFFF_FE00_0000_0000;

    private volatile LabTree? _native;
    private volatile bool _nativeTried;

    /// <summary>The standard lab in the user's cache.</summary>
    public LabHost()
        : this(LabCache.Find(Environment.GetEnvironmentVariable), LabRecipe.Standard)
    {
    }

    /// <inheritdoc/>
    public string Name => HostName;

    /// <inheritdoc/>
    public Job Needs => Job.Lab;

    /// <summary>Why this machine's own KVM is not used; null when it is, or was not tried yet.</summary>
    public string? WhyNotNative { get; private set; }

    /// <inheritdoc/>
    public async Task PrepareAsync(Action<string>? onProgress, CancellationToken cancellationToken)
    {
        if (!await TryNativeAsync(onProgress, cancellationToken).ConfigureAwait(false))
            await UpAsync(onProgress, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async Task<IGuest> CreateAsync(MachineSpec machine, CancellationToken cancellationToken)
    {
        if (machine.Network is not null)
            throw new ToolException($"{machine.Name}: the host {HostName} has no network cable to this program.");
        if (machine.Drives.FirstOrDefault(drive => drive.Persistent) is { } drive)
            throw new ToolException($"{machine.Name}: the host {HostName} works on a copy of the medium in {drive.Name}; it cannot keep what is written.");
        if (_native is { } tree)
            return await QemuGuest.StartAsync(machine, new LocalSite(tree.Program, QemuAccelerator.Kvm), cancellationToken).ConfigureAwait(false);

        // The lab's machine may have ended since the last time: it does so when it has had nothing to do for a while.
        var lab = new LabMachine(cache, recipe);
        if (await lab.FindAsync(cancellationToken).ConfigureAwait(false) is not { } agent)
        {
            await PrepareAsync(null, cancellationToken).ConfigureAwait(false);
            agent = await lab.FindAsync(cancellationToken).ConfigureAwait(false) ?? throw new ToolException($"The lab's machine does not answer:{lab.Folder.LastWords()}");
        }

        return await QemuGuest.StartAsync(machine, new LabSite(lab.Folder, agent), cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    /// <remarks>
    /// The emulator of nested virtualization gives a guest the same interrupt twice at times. VMRUN with an interrupt to inject leaves the vector
    /// in the processor's exception index (target/i386/tcg/system/svm_helper.c), where only the next exception or exit overwrites it; when the
    /// processor's thread is asked to leave its loop before that, it delivers what it finds there (accel/tcg/cpu-exec.c), whether interrupts are
    /// on or not. It also saves the lab's own kernel into a guest's processor: the guest then "stands" at an instruction of that kernel's KVM,
    /// with its page tables and its interrupt table. Both were seen with QEMU 10.0, rarely. Twice a guest's processor shut down there without a word of
    /// the guest, which reports even double faults and broken stacks of its own.
    /// </remarks>
    public string? Explain(GuestExit? exit, IReadOnlyList<GuestEvent> events, string? processors)
    {
        if (_native is not null)
            return null;
        if (events.FirstOrDefault(e => e.Kind == "panic" && e.Text("message") == ForbiddenInterrupt) is { } panic)
            return $"the lab's emulated processor delivered an interrupt while interrupts were off, at {panic.Text("rip")}";
        if (processors is not null && events.Any(e => e.Kind == "boot")
            && ProcessorSnapshot.InterruptTables(processors).FirstOrDefault(table => table.Address == LinuxInterruptTable) is { Address: not 0 } lost)
        {
            return string.Create(CultureInfo.InvariantCulture, $"the lab's emulated processor put the lab's own kernel into processor {lost.Processor} of the guest");
        }

        return exit is { Kind: GuestExitKind.Reset } && events.Any(e => e.Kind == "ready") && !events.Any(e => e.Kind is "panic" or "poweroff")
            ? "the lab's emulated processor shut down without a word of the guest"
            : null;
    }

    /// <summary>Finds out once whether this machine's KVM will do. Two calls at the same time find the same.</summary>
    private async Task<bool> TryNativeAsync(Action<string>? onProgress, CancellationToken cancellationToken)
    {
        if (_nativeTried)
            return _native is not null;
        WhyNotNative = KvmCapabilities.Query().WhyNot;
        if (WhyNotNative is null)
        {
            using var gate = await FileLock.AcquireAsync(cache.LockPath, cancellationToken).ConfigureAwait(false);
            var tree = await LabTree.GetAsync(cache, recipe, onProgress, cancellationToken).ConfigureAwait(false);
            WhyNotNative = await KvmTrial.RunAsync(tree.Program, QemuAccelerator.Kvm, cancellationToken).ConfigureAwait(false);
            if (WhyNotNative is null)
                _native = tree;
        }

        _nativeTried = true;
        return _native is not null;
    }

    private async Task UpAsync(Action<string>? onProgress, CancellationToken cancellationToken)
    {
        var lab = new LabMachine(cache, recipe);
        if (await lab.FindAsync(cancellationToken).ConfigureAwait(false) is not null)
        {
            lab.Folder.RemoveLeftGuests(DateTime.UtcNow);
            return;
        }

        onProgress?.Invoke("waiting for the lab");
        using var gate = await FileLock.AcquireAsync(cache.LockPath, cancellationToken).ConfigureAwait(false);
        cache.Clean(DateTime.UtcNow);
        if (await lab.FindAsync(cancellationToken).ConfigureAwait(false) is not null)
            return;
        var tree = await LabTree.GetAsync(cache, recipe, onProgress, cancellationToken).ConfigureAwait(false);
        await lab.StartAsync(tree, onProgress, cancellationToken).ConfigureAwait(false);
    }
}
