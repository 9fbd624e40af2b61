namespace GuestOS.Kernel.Core;

/// <summary>Descriptors and open files of the one process. LOCKING: the kernel lock.</summary>
internal static unsafe class DescriptorTable
{
    public const int Capacity = 256;

    private struct Storage
    {
        public fixed ulong Descriptors[Capacity];
        public fixed byte Files[Capacity * 48];
    }

    private static Storage s_storage;

    /// <summary>0, 1 and 2 are the console.</summary>
    public static void Initialize()
    {
        OpenFile* console = NewFile(OpenFileKind.Console);
        for (int i = 0; i < 3; i++)
            Add(console);
    }

    /// <summary>The open file behind a descriptor, or null.</summary>
    public static OpenFile* Get(int descriptor)
    {
        if ((uint)descriptor >= Capacity)
            return null;
        fixed (ulong* descriptors = s_storage.Descriptors)
            return (OpenFile*)descriptors[descriptor];
    }

    public static OpenFile* NewFile(OpenFileKind kind)
    {
        fixed (byte* files = s_storage.Files)
        {
            OpenFile* file = (OpenFile*)files;
            for (int i = 0; i < Capacity; i++, file++)
            {
                if (file->Kind != OpenFileKind.Free)
                    continue;
                *file = default;
                file->Kind = kind;
                return file;
            }
        }

        return null;
    }

    /// <summary>Lowest free descriptor for a file, or EMFILE.</summary>
    public static long Add(OpenFile* file)
    {
        for (int i = 0; i < Capacity; i++)
        {
            if (Get(i) == null)
                return Set(i, file);
        }

        return Errno.EMFile;
    }

    public static long Set(int descriptor, OpenFile* file)
    {
        fixed (ulong* descriptors = s_storage.Descriptors)
            descriptors[descriptor] = (ulong)file;
        file->References++;
        return descriptor;
    }

    public static void Clear(int descriptor)
    {
        fixed (ulong* descriptors = s_storage.Descriptors)
            descriptors[descriptor] = 0;
    }
}
