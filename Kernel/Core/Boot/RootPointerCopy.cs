namespace GuestOS.Kernel.Core;

/// <summary>Keeps a copy of the ACPI root pointer structure (36 bytes) that a loader handed over inside memory that will be reused.</summary>
internal static unsafe class RootPointerCopy
{
    private struct Storage
    {
        public fixed byte Bytes[64];
    }

    private static Storage s_storage;

    /// <summary>Copies and returns the address of the copy.</summary>
    public static ulong Keep(byte* source, uint length)
    {
        if (length > 36)
            length = 36;
        fixed (byte* destination = s_storage.Bytes)
        {
            for (uint i = 0; i < length; i++)
                destination[i] = source[i];
            return (ulong)destination;
        }
    }
}
