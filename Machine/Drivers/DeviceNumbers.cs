namespace GuestOS.Machine.Drivers;

/// <summary>Numbers of a driver's devices, which make their names. For any thread.</summary>
public sealed class DeviceNumbers
{
    private readonly Lock _gate = new();
    private readonly HashSet<int> _taken = [];

    /// <summary>Takes the least number from 0 on that is free.</summary>
    public int Take()
    {
        lock (_gate)
        {
            var number = 0;
            while (!_taken.Add(number))
                number++;
            return number;
        }
    }

    /// <summary>Frees a number; one that is free stays so.</summary>
    public void Return(int number)
    {
        lock (_gate)
            _taken.Remove(number);
    }
}
