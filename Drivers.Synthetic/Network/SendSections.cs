namespace GuestOS.Drivers.Synthetic.Network;

/// <summary>Which sections of the send buffer are free (rule N3: the guest keeps count, the host is not asked). Under the adapter's lock.</summary>
internal sealed class SendSections
{
    private readonly int[] _free;
    private int _count;

    /// <param name="bytes">Of the buffer.</param>
    /// <param name="sectionSize">Of a section; 0 when there is no buffer.</param>
    public SendSections(int bytes, int sectionSize)
    {
        SectionSize = sectionSize;
        _free = new int[sectionSize == 0 ? 0 : bytes / sectionSize];
        for (var i = 0; i < _free.Length; i++)
            _free[i] = _free.Length - 1 - i;
        _count = _free.Length;
    }

    public int SectionSize { get; }

    public bool TryTake(out int section)
    {
        section = _count == 0 ? -1 : _free[--_count];
        return section >= 0;
    }

    public void Return(int section) => _free[_count++] = section;
}
