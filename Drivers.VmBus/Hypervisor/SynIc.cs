using GuestOS.Drivers.VmBus.Protocol;
using GuestOS.Drivers.VmBus.Protocol.Hypervisor;
using GuestOS.Machine.Processors;

namespace GuestOS.Drivers.VmBus.Hypervisor;

/// <summary>
/// The synthetic interrupt controllers of all processors: pages, interrupt sources, messages and event flags. A source's handler runs on
/// its processor's vector thread and takes messages and events of that processor there. Sources that are not named, and pages that were
/// enabled before, belong to the kernel below and are left as they are.
/// </summary>
public sealed class SynIc : IDisposable
{
    private readonly ProcessorPlatform _platform;
    private readonly HypervisorInfo _info;
    private readonly SynIcSource[] _sources;
    private readonly IProcessorVector?[] _vectors;
    private readonly SynIcProcessor?[] _processors;
    private bool _isStarted;

    /// <param name="platform">The machine.</param>
    /// <param name="info">What the hypervisor offers; the partition must have the SynIC.</param>
    /// <param name="sources">What is used.</param>
    public SynIc(ProcessorPlatform platform, HypervisorInfo info, params SynIcSource[] sources)
    {
        ArgumentNullException.ThrowIfNull(platform);
        ArgumentNullException.ThrowIfNull(info);
        _platform = platform;
        _info = info;
        _sources = sources;
        _vectors = new IProcessorVector?[sources.Length];
        _processors = new SynIcProcessor?[platform.Processors.Count];
    }

    /// <summary>Messages dropped because their size was impossible (rule H1).</summary>
    public long BadMessages => _processors.Sum(processor => processor?.BadMessages ?? 0);

    /// <summary>Enables every processor: message page, event page, sources, and the control register last.</summary>
    /// <exception cref="InvalidOperationException">No vector is free; nothing is enabled.</exception>
    /// <exception cref="ArgumentException">A page that is enabled already is not in this machine's memory; nothing is enabled.</exception>
    public void Start()
    {
        if (_isStarted)
            return;
        _isStarted = true;
        try
        {
            for (var i = 0; i < _sources.Length; i++)
                _vectors[i] = _platform.Vectors.Allocate(_sources[i].Name, _sources[i].Handler, _info.UsesAutoEoi);
            for (var i = 0; i < _processors.Length; i++)
            {
                var processor = i;
                _platform.Processors.Run(i, () => Enable(processor));
            }
        }
        catch
        {
            Stop();
            throw;
        }
    }

    /// <summary>
    /// Undoes <see cref="Start"/> in reverse: sources masked on all processors, no handler any more, then the pages that are our own.
    /// </summary>
    public void Stop()
    {
        if (!_isStarted)
            return;
        _isStarted = false;
        for (var i = 0; i < _processors.Length; i++)
        {
            if (_processors[i] is not null)
                _platform.Processors.Run(i, MaskSources);
        }

        for (var i = 0; i < _vectors.Length; i++)
        {
            _vectors[i]?.Dispose();
            _vectors[i] = null;
        }

        for (var i = 0; i < _processors.Length; i++)
        {
            if (_processors[i] is not { } processor)
                continue;
            _platform.Processors.Run(i, processor.Disable);
            processor.Dispose();
            _processors[i] = null;
        }
    }

    /// <summary>
    /// Takes the message out of a slot by the rule of TLFS 11.10: copy, empty the slot, then tell the hypervisor when more wait.
    /// </summary>
    /// <param name="processor">Whose slot; its own vector thread, or a dying kernel, calls.</param>
    /// <param name="sint">Which slot.</param>
    /// <param name="message">Receives the copy, with a checked size.</param>
    /// <returns>False when the slot is empty.</returns>
    public bool TryTakeMessage(int processor, Sint sint, ref SynIcMessage message) => _processors[processor]!.TryTakeMessage(sint, ref message);

    /// <summary>Takes all event flags up to <paramref name="highest"/>. The words beyond its own are not looked at (rule V11).</summary>
    /// <typeparam name="TState">Of the caller.</typeparam>
    /// <param name="processor">Whose flags.</param>
    /// <param name="sint">Which area.</param>
    /// <param name="highest">Flags above in the same word are cleared and ignored.</param>
    /// <param name="state">Passed on.</param>
    /// <param name="action">Called per flag; allocates nothing when it is static.</param>
    /// <returns>Flags that were set above <paramref name="highest"/>.</returns>
    public int TakeEvents<TState>(int processor, Sint sint, uint highest, TState state, Action<TState, uint> action) =>
        _processors[processor]!.TakeEvents(sint, highest, state, action);

    /// <inheritdoc/>
    public void Dispose() => Stop();

    private void Enable(int index)
    {
        var processor = _processors[index] = new SynIcProcessor(_platform, index);
        for (var i = 0; i < _sources.Length; i++)
        {
            var register = Msr.SintOf(_sources[i].Sint);
            var old = new SintRegister(_platform.Msr.Read(register));
            _platform.Msr.Write(register, old.Unmasked(_vectors[i]!.Vector, _info.UsesAutoEoi).Value);
        }

        processor.EnableControl();
    }

    private void MaskSources()
    {
        foreach (var source in _sources)
        {
            var register = Msr.SintOf(source.Sint);
            _platform.Msr.Write(register, new SintRegister(_platform.Msr.Read(register)).Masked().Value);
        }
    }
}
