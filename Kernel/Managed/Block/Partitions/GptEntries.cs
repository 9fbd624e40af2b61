using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace GuestOS.Kernel.Block.Partitions;

/// <summary>The entries of a GUID partition table (UEFI 2.10 section 5.3.3).</summary>
internal static class GptEntries
{
    /// <summary>Partitions that become devices at most.</summary>
    public const int MostPartitions = 256;

    private const int NameOffset = 56;
    private const int NameLength = 72;

    /// <summary>Reads the used entries; those that cannot be are reported.</summary>
    public static IReadOnlyList<Partition> Read(ReadOnlySpan<byte> entries, GptHeader header, ulong blocks, List<string> errors, List<string> warnings)
    {
        var partitions = new List<Partition>();
        for (int i = 0; i < header.EntryCount; i++)
        {
            ReadOnlySpan<byte> entry = entries.Slice(i * header.EntrySize, header.EntrySize);
            var type = new Guid(entry[..16]);
            if (type == Guid.Empty)
                continue;
            if (partitions.Count == MostPartitions)
            {
                warnings.Add(string.Create(CultureInfo.InvariantCulture, $"Partitions after the first {MostPartitions} are not used."));
                break;
            }

            ulong first = BinaryPrimitives.ReadUInt64LittleEndian(entry[32..]);
            ulong last = BinaryPrimitives.ReadUInt64LittleEndian(entry[40..]);
            if (first > last || last >= blocks)
            {
                errors.Add(string.Create(CultureInfo.InvariantCulture, $"GPT partition {i + 1}: blocks {first} to {last} are not on the disk, which has {blocks}."));
                continue;
            }

            if (first < header.FirstUsable || last > header.LastUsable)
                warnings.Add(string.Create(CultureInfo.InvariantCulture, $"GPT partition {i + 1} leaves the usable blocks {header.FirstUsable} to {header.LastUsable}."));
            partitions.Add(new Partition(i + 1, first, last - first + 1, Describe(type, entry.Slice(NameOffset, NameLength))));
        }

        return partitions;
    }

    private static string Describe(Guid type, ReadOnlySpan<byte> nameBytes)
    {
        string name = CleanName(Encoding.Unicode.GetString(nameBytes));
        string kind = KnownType(type) ?? type.ToString();
        return name.Length == 0 ? kind : $"{kind} \"{name}\"";
    }

    /// <summary>The name comes from the disk and goes to terminals: nothing but printable characters may pass.</summary>
    private static string CleanName(string name)
    {
        int end = name.IndexOf('\0', StringComparison.Ordinal);
        var clean = new StringBuilder();
        foreach (char character in end < 0 ? name : name[..end])
        {
            if (!char.IsControl(character) && !char.IsSurrogate(character))
                clean.Append(character);
        }

        return clean.ToString().Trim();
    }

    private static string? KnownType(Guid type) => type.ToString("D").ToUpperInvariant() switch
    {
        "C12A7328-F81F-11D2-BA4B-00A0C93EC93B" => "EFI system",
        "21686148-6449-6E6F-744E-656564454649" => "BIOS boot",
        "EBD0A0A2-B9E5-4433-87C0-68B6B72699C7" => "basic data",
        "E3C9E316-0B5C-4DB8-817D-F92DF00215AE" => "Microsoft reserved",
        "0FC63DAF-8483-4772-8E79-3D69D8477DE4" => "Linux file system",
        "0657FD6D-A4AB-43C4-84E5-0933C84B4F4F" => "Linux swap",
        _ => null,
    };
}
