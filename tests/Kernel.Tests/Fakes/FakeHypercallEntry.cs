using GuestOS.Kernel.Core;
using GuestOS.Kernel.Hardware;

namespace GuestOS.Kernel.Tests.Fakes;

/// <summary>Pages of memory, some of them executable; a hypercall answers with its control word.</summary>
internal sealed class FakeHypercallEntry(ulong memoryEnd) : IHypercallEntry
{
    private const int InvalidArgument = 22;

    public HashSet<ulong> Executable { get; } = [];

    public List<(ulong Page, ulong Control, ulong Input, ulong Output)> Calls { get; } = [];

    public bool SetExecutable(ulong page, bool isExecutable)
    {
        if (page >= memoryEnd)
            throw new KernelCallException(KernelCall.PageExecutable, InvalidArgument);
        bool before = Executable.Contains(page);
        if (isExecutable)
            Executable.Add(page);
        else
            Executable.Remove(page);
        return before;
    }

    public ulong Call(ulong page, ulong control, ulong input, ulong output)
    {
        Assert.Contains(page, Executable);
        Calls.Add((page, control, input, output));
        return control;
    }
}
