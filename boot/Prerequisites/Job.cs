namespace GuestOS.Boot.Prerequisites;

/// <summary>What the tool is about to do; each job needs other programs of the build host.</summary>
[Flags]
internal enum Job
{
    /// <summary>Nothing beside the .NET SDK.</summary>
    None = 0,

    /// <summary>Compile and link the kernel.</summary>
    BuildKernel = 1,

    /// <summary>Make bootable ISO images.</summary>
    BuildIso = 2,

    /// <summary>Make bootable disk images.</summary>
    BuildDisk = 4,

    /// <summary>Convert disk images to VHDX.</summary>
    ConvertDisk = 8,

    /// <summary>Start emulated machines.</summary>
    Emulate = 16,

    /// <summary>Start emulated machines with UEFI firmware.</summary>
    EmulateUefi = 32,

    /// <summary>Make the lab and start machines in it.</summary>
    Lab = 64,

    /// <summary>Everything that the smoke tests do.</summary>
    Everything = BuildKernel | BuildIso | BuildDisk | ConvertDisk | Emulate | EmulateUefi | Lab,
}
