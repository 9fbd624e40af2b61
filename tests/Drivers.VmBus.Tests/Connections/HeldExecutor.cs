using GuestOS.Machine.Processors;

namespace GuestOS.Drivers.VmBus.Tests.Connections;

/// <summary>Passes work on, or keeps one item for the test to run.</summary>
internal sealed class HeldExecutor : IExecutor
{
    private readonly IExecutor _inner;

    public HeldExecutor(IExecutor inner) => _inner = inner;

    public bool Holds { get; set; }

    public IThreadPoolWorkItem? Held { get; private set; }

    public void Post(IThreadPoolWorkItem item)
    {
        if (!Holds)
            _inner.Post(item);
        else if (Held is null)
            Held = item;
        else
            throw new InvalidOperationException("Two items at once.");
    }

    public void RunHeld()
    {
        var item = Held!;
        Held = null;
        item.Execute();
    }
}
