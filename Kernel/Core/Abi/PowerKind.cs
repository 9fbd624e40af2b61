namespace GuestOS.Kernel.Core;

/// <summary>How <see cref="KernelCall.PowerOff"/> ends the run; values of <c>guestos.exit</c>.</summary>
public enum PowerKind : ulong
{
    /// <summary>ACPI power off; halts where there is none.</summary>
    PowerOff = 0,

    /// <summary>Reset.</summary>
    Reboot = 1,

    /// <summary>All processors halt.</summary>
    Halt = 2,

    /// <summary>The status goes to the debug exit port; power off where there is none.</summary>
    DebugPort = 3,

    /// <summary>As <c>guestos.exit</c> on the command line says.</summary>
    Configured = 4,
}

/// <summary>Member <c>reason</c> of the <c>poweroff</c> event.</summary>
public enum PowerReason : ulong
{
    /// <summary>A person asked for it.</summary>
    Console = 0,

    /// <summary>The image's program has returned.</summary>
    Program = 1,

    /// <summary>The self-tests are done, or one of them asked for it.</summary>
    Tests = 2,

    /// <summary>The kernel or the program could not go on.</summary>
    Panic = 3,

    /// <summary>The host asked for it.</summary>
    Host = 4,
}

/// <summary>What <see cref="KernelCall.ProvokeFault"/> provokes.</summary>
public enum FaultKind : ulong
{
    /// <summary>A write to an address that is not mapped.</summary>
    Fault = 0,

    /// <summary>A fault whose delivery faults.</summary>
    DoubleFault = 1,
}
