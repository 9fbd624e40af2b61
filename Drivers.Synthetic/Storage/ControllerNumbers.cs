namespace GuestOS.Drivers.Synthetic.Storage;

/// <summary>Numbers of SCSI controllers, which their disks carry in their names: the lowest that is free, from 0 on.</summary>
internal sealed class ControllerNumbers
{
    private readonly Lock _gate = new();
    private readonly SortedSet<int> _taken = [];

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

    public void Return(int number)
    {
        lock (_gate)
            _taken.Remove(number);
    }
}
