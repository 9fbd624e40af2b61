namespace GuestOS.Drivers.Synthetic.Network;

/// <summary>Numbers of the adapters in use, which make their names.</summary>
internal sealed class NetvscNumbers
{
    private readonly Lock _gate = new();
    private readonly HashSet<int> _used = [];

    /// <summary>The least number that is free.</summary>
    public int Take()
    {
        lock (_gate)
        {
            var number = 0;
            while (!_used.Add(number))
                number++;
            return number;
        }
    }

    public void Return(int number)
    {
        lock (_gate)
            _used.Remove(number);
    }
}
