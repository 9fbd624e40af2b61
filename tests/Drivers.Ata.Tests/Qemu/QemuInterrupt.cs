using GuestOS.Machine;

namespace GuestOS.Drivers.Ata.Tests.Qemu;

/// <summary>An ISA interrupt of the machine in QEMU, with a thread of its own, as the machine boundary promises.</summary>
internal sealed class QemuInterrupt : IInterrupt, IDisposable
{
    private readonly SemaphoreSlim _raised = new(0);
    private readonly Lock _delivery = new();
    private readonly Thread _thread;
    private volatile InterruptHandler? _handler;
    private volatile bool _ends;

    public QemuInterrupt(string name)
    {
        Name = name;
        _thread = new Thread(Deliver) { IsBackground = true };
        _thread.Start();
    }

    public string Name { get; }

    public void Connect(InterruptHandler handler) => _handler = handler;

    public void Disconnect()
    {
        lock (_delivery)
            _handler = null;
    }

    public void Raise() => _raised.Release();

    public void Dispose()
    {
        _ends = true;
        _raised.Release();
        _thread.Join();
        _raised.Dispose();
    }

    private void Deliver()
    {
        while (true)
        {
            _raised.Wait();
            if (_ends)
                return;
            lock (_delivery)
                _handler?.Invoke();
        }
    }
}
