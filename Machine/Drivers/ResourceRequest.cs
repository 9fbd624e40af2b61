namespace GuestOS.Machine.Drivers;

/// <summary>One resource that a driver needs of one device. The kernel grants exactly what is declared, or the device stays unbound.</summary>
/// <param name="Name">The driver's own name for it; the key under which the grant is handed over.</param>
public abstract record ResourceRequest(string Name);

/// <summary>A window over a base address register of a PCI function.</summary>
/// <param name="Name">The driver's own name for it.</param>
/// <param name="Bar">Index of the register, 0 to 5.</param>
/// <param name="Offset">First byte of the window inside the BAR.</param>
/// <param name="Length">Length in bytes; 0 for the rest of the BAR.</param>
public sealed record BarRequest(string Name, int Bar, int Offset = 0, int Length = 0) : ResourceRequest(Name);

/// <summary>A window over fixed I/O ports (legacy devices).</summary>
/// <param name="Name">The driver's own name for it.</param>
/// <param name="FirstPort">First port.</param>
/// <param name="Length">Number of ports.</param>
public sealed record PortRequest(string Name, ushort FirstPort, int Length) : ResourceRequest(Name);

/// <summary>A fixed ISA interrupt (0 to 15).</summary>
/// <param name="Name">The driver's own name for it.</param>
/// <param name="Irq">ISA interrupt number.</param>
public sealed record IsaInterruptRequest(string Name, int Irq) : ResourceRequest(Name);

/// <summary>The interrupt of a PCI function: a message where the function offers one, otherwise its routed INTx# line.</summary>
/// <param name="Name">The driver's own name for it.</param>
public sealed record PciInterruptRequest(string Name) : ResourceRequest(Name);

/// <summary>The machine's memory itself, to take pages from and to add to. One driver has it at a time.</summary>
/// <param name="Name">The driver's own name for it.</param>
public sealed record DynamicMemoryRequest(string Name) : ResourceRequest(Name);
