using GuestOS.Machine;

namespace GuestOS.Sandbox.Interrupts;

/// <summary>
/// An interrupt line between device models and one handler. Models set their level; the handler runs later, on the clock, never inside a
/// model. Edge-triggered lines deliver each rise once; level-triggered ones again as long as the line stays up.
/// </summary>
public sealed class SimulatedInterrupt : IInterrupt, IDisposable
{
    private readonly Lock _gate = new();
    private readonly Lock _delivery = new();
    private readonly ITimer _timer;
    private readonly bool _isLevel;
    private readonly TimeSpan _latency;
    private InterruptHandler? _handler;
    private uint _sources;
    private bool _pending;

    /// <param name="name">"IRQ 14".</param>
    /// <param name="clock">Time.</param>
    /// <param name="isLevel">Level-triggered, as PCI lines are; ISA lines are edge-triggered.</param>
    /// <param name="latency">From the line to the handler.</param>
    public SimulatedInterrupt(string name, TimeProvider clock, bool isLevel, TimeSpan latency)
    {
        ArgumentNullException.ThrowIfNull(clock);
        Name = name;
        _isLevel = isLevel;
        _latency = latency;
        _timer = clock.CreateTimer(static state => ((SimulatedInterrupt)state!).Deliver(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <summary>Calls of the handler.</summary>
    public long Delivered { get; private set; }

    /// <summary>Calls that the handler disowned.</summary>
    public long NotMine { get; private set; }

    /// <summary>So many rises are still to be lost between line and processor.</summary>
    public int LoseNext { get; set; }

    /// <summary>Rises that were lost.</summary>
    public long Lost { get; private set; }

    /// <summary>A handler is connected.</summary>
    public bool IsConnected => _handler is not null;

    /// <inheritdoc/>
    public void Connect(InterruptHandler handler)
    {
        lock (_gate)
        {
            if (_handler is not null)
                throw new InvalidOperationException($"{Name} has a handler already.");
            _handler = handler;
            if (_isLevel && _sources != 0)
                Schedule();
        }
    }

    /// <inheritdoc/>
    public void Disconnect()
    {
        // The delivery lock is held while the handler runs.
        lock (_delivery)
        {
            lock (_gate)
                _handler = null;
        }
    }

    /// <summary>A model drives the line.</summary>
    /// <param name="source">Number of the model on this line, 0 to 31.</param>
    /// <param name="level">True asserts.</param>
    public void SetLevel(int source, bool level)
    {
        lock (_gate)
        {
            var before = _sources;
            _sources = level ? _sources | (1u << source) : _sources & ~(1u << source);
            if (before != 0 || _sources == 0)
                return;
            if (LoseNext > 0)
            {
                LoseNext--;
                Lost++;
                return;
            }

            Schedule();
        }
    }

    /// <summary>An interrupt that no device asked for.</summary>
    public void InjectSpurious()
    {
        lock (_gate)
            Schedule();
    }

    /// <inheritdoc/>
    public void Dispose() => _timer.Dispose();

    private void Schedule()
    {
        if (_pending || _handler is null)
            return;
        _pending = true;
        _timer.Change(_latency, Timeout.InfiniteTimeSpan);
    }

    private void Deliver()
    {
        lock (_delivery)
        {
            InterruptHandler? handler;
            lock (_gate)
            {
                _pending = false;
                handler = _handler;
            }

            if (handler is null)
                return;
            Delivered++;
            if (handler() == InterruptResult.NotMine)
                NotMine++;
            lock (_gate)
            {
                if (_isLevel && _sources != 0)
                    Schedule();
            }
        }
    }
}
