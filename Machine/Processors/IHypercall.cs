namespace GuestOS.Machine.Processors;

/// <summary>The way into the hypervisor: the code page that it fills, and a call through it.</summary>
public interface IHypercall
{
    /// <summary>True between <see cref="Install"/> and <see cref="Uninstall"/>.</summary>
    bool IsInstalled { get; }

    /// <summary>Maps the page that the hypervisor has filled executable and not writable; calls go through it from now on.</summary>
    /// <param name="page">Address of the page; page-aligned.</param>
    /// <exception cref="ArgumentException">The address is not that of a page of this machine's memory.</exception>
    void Install(PhysicalAddress page);

    /// <summary>No calls any more; the page is ordinary memory again.</summary>
    void Uninstall();

    /// <summary>
    /// One call (TLFS 3.7, x64: RCX, RDX, R8 in, RAX out). Never blocks, never allocates.
    /// </summary>
    /// <param name="control">The control word.</param>
    /// <param name="input">Address of the input block, or the first word of a fast call.</param>
    /// <param name="output">Address of the output block, or the second word of a fast call.</param>
    /// <returns>The result word.</returns>
    ulong Call(ulong control, ulong input, ulong output);
}
