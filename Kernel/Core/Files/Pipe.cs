namespace GuestOS.Kernel.Core;

/// <summary>A pipe: one page as a ring. LOCKING: the kernel lock.</summary>
internal unsafe struct Pipe
{
    private const uint Capacity = (uint)Page.Size - 32;

    public int HasReader, HasWriter;
    private uint _start;
    private uint _count;

    public readonly bool IsEmpty => _count == 0;

    public readonly bool IsFull => _count == Capacity;

    public static Pipe* Create()
    {
        Pipe* pipe = (Pipe*)PhysicalMemory.AllocatePage();
        if (pipe != null)
        {
            pipe->HasReader = 1;
            pipe->HasWriter = 1;
        }

        return pipe;
    }

    public static ulong Read(Pipe* pipe, byte* destination, ulong length)
    {
        ulong done = 0;
        for (; done < length && pipe->_count != 0; done++, pipe->_count--)
        {
            destination[done] = Ring(pipe)[pipe->_start];
            pipe->_start = (pipe->_start + 1) % Capacity;
        }

        return done;
    }

    public static ulong Write(Pipe* pipe, byte* source, ulong length)
    {
        ulong done = 0;
        for (; done < length && pipe->_count != Capacity; done++, pipe->_count++)
            Ring(pipe)[(pipe->_start + pipe->_count) % Capacity] = source[done];
        return done;
    }

    private static byte* Ring(Pipe* pipe) => (byte*)pipe + 32;
}
