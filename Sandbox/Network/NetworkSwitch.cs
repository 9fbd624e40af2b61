namespace GuestOS.Sandbox.Network;

/// <summary>A switch: learns where addresses are, sends everything else everywhere. A test hangs on it as one more port.</summary>
public sealed class NetworkSwitch
{
    private readonly Lock _gate = new();
    private readonly List<ISwitchPort> _ports = [];
    private readonly Dictionary<ulong, ISwitchPort?> _learned = [];

    /// <summary>Sees every frame, whoever sends it: for a capture file.</summary>
    public Action<SwitchFrame>? Tap { get; set; }

    /// <summary>Gets what goes to the test's port.</summary>
    public Action<SwitchFrame>? Received { get; set; }

    /// <summary>Plugs a port in.</summary>
    public void Connect(ISwitchPort port)
    {
        lock (_gate)
            _ports.Add(port);
    }

    /// <summary>Unplugs it.</summary>
    public void Disconnect(ISwitchPort port)
    {
        lock (_gate)
        {
            _ports.Remove(port);
            foreach (var address in _learned.Where(one => one.Value == port).Select(one => one.Key).ToList())
                _learned.Remove(address);
        }
    }

    /// <summary>The test sends.</summary>
    public void Inject(SwitchFrame frame) => Send(null, frame);

    /// <summary>A port sends; null is the test's.</summary>
    public void Send(ISwitchPort? from, SwitchFrame frame)
    {
        ArgumentNullException.ThrowIfNull(frame);
        List<ISwitchPort> to;
        var isForTest = from is not null;
        lock (_gate)
        {
            Tap?.Invoke(frame);
            _learned[frame.Source] = from;
            if ((frame.Data[0] & 1) == 0 && _learned.TryGetValue(frame.Destination, out var known))
            {
                if (known == from)
                    return;
                to = known is null ? [] : [known];
                isForTest = known is null;
            }
            else
            {
                to = [.. _ports.Where(port => port != from)];
            }
        }

        foreach (var port in to)
            port.Deliver(frame);
        if (isForTest)
            Received?.Invoke(frame);
    }
}
