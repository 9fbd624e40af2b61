using GuestOS.Kernel.Hardware;
using GuestOS.Machine;

namespace GuestOS.Kernel.Drivers;

/// <summary>What one driver instance was given. Disposing it takes everything back.</summary>
internal sealed class ResourceGrants : IDisposable
{
    private readonly ResourceLedger _ledger;
    private readonly Dictionary<string, IRegisterWindow> _registers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, IInterrupt> _interrupts = new(StringComparer.Ordinal);
    private readonly List<Action> _undo = [];

    public ResourceGrants(ResourceLedger ledger) => _ledger = ledger;

    public IReadOnlyDictionary<string, IRegisterWindow> Registers => _registers;

    public IReadOnlyDictionary<string, IInterrupt> Interrupts => _interrupts;

    /// <summary>The machine's memory is this instance's to take from and add to.</summary>
    public bool HasDynamicMemory { get; set; }

    public void Add(string name, IRegisterWindow window) => _registers.Add(name, window);

    /// <summary>Adds an interrupt and what gives it back.</summary>
    public void Add(string name, InterruptGrant interrupt, Action? beforeRelease = null)
    {
        _interrupts.Add(name, interrupt);
        _undo.Add(() =>
        {
            beforeRelease?.Invoke();
            interrupt.Dispose();
        });
    }

    public void Dispose()
    {
        ReleaseInterrupts();
        _ledger.Release(this);
    }

    /// <summary>Gives the interrupts back and keeps the registers claimed.</summary>
    public void ReleaseInterrupts()
    {
        for (int i = _undo.Count - 1; i >= 0; i--)
            _undo[i]();
        _undo.Clear();
    }
}
