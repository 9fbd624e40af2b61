using System.Buffers.Binary;

namespace GuestOS.Kernel.ClosureCheck.Tests;

/// <summary>
/// An object like the ahead-of-time compiler's: all methods in one section, 64 bytes each, calls between them resolved.
/// Methods are named as the compiler names them.
/// </summary>
internal sealed class KernelObject
{
    public const string Prefix = "GuestOS_Kernel_Core_GuestOS_Kernel_Core_";
    private const int MethodSize = 64;
    private const uint Plt32 = 4;
    private const uint Absolute64 = 1;

    private readonly byte[] _code = new byte[16 * MethodSize];
    private readonly int[] _used = new int[16];
    private readonly int _codeSection;
    private int _methods;

    public KernelObject()
    {
        Array.Fill<byte>(_code, 0x90);
        _codeSection = Elf.Code("__managedcode", _code);
    }

    public ElfBuilder Elf { get; } = new();

    /// <summary>Adds a method; with an export there is a second, plain symbol.</summary>
    public int Method(string name, string? export = null)
    {
        int start = _methods * MethodSize;
        Elf.Function(name, _codeSection, start, MethodSize);
        if (export is not null)
            Elf.Function(export, _codeSection, start, MethodSize);
        return _methods++;
    }

    public int Kernel(string name, string? export = null) => Method(Prefix + name, export);

    /// <summary>CALL rel32 without relocation.</summary>
    public void Call(int from, int to) => Resolved(from, [0xE8], to);

    /// <summary>JMP rel32 without relocation: a tail call.</summary>
    public void Jump(int from, int to) => Resolved(from, [0xE9], to);

    /// <summary>JNE rel32 without relocation.</summary>
    public void Branch(int from, int to) => Resolved(from, [0x0F, 0x85], to);

    /// <summary>LEA RAX, [RIP + rel32] without relocation: takes a method's address.</summary>
    public void TakeAddress(int from, int to) => Resolved(from, [0x48, 0x8D, 0x05], to);

    /// <summary>CALL with a relocation by symbol.</summary>
    public void CallSymbol(int from, int symbol) => Relocated(from, [0xE8], symbol, -4, []);

    /// <summary>LEA RAX with a relocation by symbol: takes the address of data.</summary>
    public void TakeSymbol(int from, int symbol, long addend = -4) => Relocated(from, [0x48, 0x8D, 0x05], symbol, addend, []);

    /// <summary>CMP BYTE [RIP + rel32], 1 with a relocation: five bytes from the displacement to the instruction's end.</summary>
    public void CompareSymbol(int from, int symbol, long addend) => Relocated(from, [0x80, 0x3D], symbol, addend, [0x01]);

    public void Raw(int method, params byte[] bytes)
    {
        bytes.CopyTo(_code, At(method));
        _used[method] += bytes.Length;
    }

    /// <summary>Read-only data with the address of a method in it.</summary>
    public int TableOf(string name, int method)
    {
        int section = Elf.ReadOnlyData(".rodata", new byte[8]);
        Elf.Relocate(section, 0, Absolute64, Elf.SectionSymbol(_codeSection), method * MethodSize);
        return Elf.Object(name, section, 0);
    }

    public ClosureWalk Walk(params string[] stubs) => Walk([], stubs);

    public ClosureWalk Walk(string[] wanted, string[] stubs)
    {
        var walk = new ClosureWalk(Elf.Object(), new KernelNames("GuestOS.Kernel.Core"), stubs);
        walk.AddExports(wanted);
        walk.Run();
        return walk;
    }

    private int At(int method) => method * MethodSize + _used[method];

    private void Resolved(int from, byte[] opcode, int to)
    {
        int next = At(from) + opcode.Length + 4;
        var bytes = new byte[opcode.Length + 4];
        opcode.CopyTo(bytes, 0);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(opcode.Length), to * MethodSize - next);
        Raw(from, bytes);
    }

    private void Relocated(int from, byte[] opcode, int symbol, long addend, byte[] immediate)
    {
        Elf.Relocate(_codeSection, At(from) + opcode.Length, Plt32, symbol, addend);
        Raw(from, [.. opcode, 0, 0, 0, 0, .. immediate]);
    }
}
