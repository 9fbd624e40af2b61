using GuestOS.Machine;

namespace GuestOS.Drivers.Synthetic.Storage;

/// <summary>A few buffers for data that the host cannot reach where it is. They are made when they are needed, and kept.</summary>
internal sealed class BouncePool : IDisposable
{
    /// <summary>Bytes of a buffer.</summary>
    public const int Size = 64 * 1024;

    private const int Most = 16;
    private readonly IDmaMemory _dma;
    private readonly Lock _gate = new();
    private readonly DmaBuffer[] _free = new DmaBuffer[Most];
    private int _freeCount;
    private int _made;
    private bool _isDisposed;

    public BouncePool(IDmaMemory dma) => _dma = dma;

    /// <summary>Takes a buffer. Null when all are in use.</summary>
    /// <exception cref="OutOfMemoryException">There is no memory for the first of them.</exception>
    public DmaBuffer? TryRent()
    {
        lock (_gate)
        {
            if (_freeCount > 0)
                return _free[--_freeCount];
            if (_made == Most)
                return null;
            try
            {
                var buffer = _dma.Allocate(Size, DmaConstraints.None);
                _made++;
                return buffer;
            }
            catch (OutOfMemoryException) when (_made > 0)
            {
                return null;
            }
        }
    }

    public void Return(DmaBuffer buffer)
    {
        lock (_gate)
        {
            if (_isDisposed)
            {
                buffer.Dispose();
                return;
            }

            _free[_freeCount++] = buffer;
        }
    }

    /// <summary>Frees them, those in use when they come back.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _isDisposed = true;
            while (_freeCount > 0)
                _free[--_freeCount].Dispose();
        }
    }
}
