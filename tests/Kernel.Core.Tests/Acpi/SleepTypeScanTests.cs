using GuestOS.Testing;

namespace GuestOS.Kernel.Core.Tests;

public sealed unsafe class SleepTypeScanTests
{
    [Theory]
    [InlineData("08 5F 53 35 5F 12 06 04 00 00 00 00", 0, 0)]
    [InlineData("08 5F 53 35 5F 12 06 04 01 0A 05 00 00", 1, 5)]
    [InlineData("08 5C 5F 53 35 5F 12 08 04 0A 07 0A 06 00 00", 7, 6)]
    [InlineData("08 5F 53 35 5F 12 0A 02 0B 05 00 0C 04 00 00 00 00", 5, 4)]
    [InlineData("08 5F 53 35 5F 12 41 00 04 0A 03 0A 03 00 00", 3, 3)]
    [InlineData("5F 53 35 5F 08 5F 53 35 5F 12 04 01 0A 02 FF", 2, 0)]
    public void Packages_of_all_encodings_are_read(string hex, byte a, byte b)
    {
        Assert.True(Scan(Bytes(hex)));
        Assert.Equal((a, b), (AcpiTables.SleepType5A, AcpiTables.SleepType5B));
    }

    [Theory]
    [InlineData("")]
    [InlineData("08 5F 53 35 5F")]
    [InlineData("10 5F 53 35 5F 12 06 04 00 00 00 00")]
    [InlineData("08 5F 53 34 5F 12 06 04 00 00 00 00")]
    [InlineData("08 5F 53 35 5F 14 06 04 00 00 00 00")]
    [InlineData("08 5F 53 35 5F 12 06 00 00 00 00 00")]
    [InlineData("08 5F 53 35 5F 12 06 04 11 00 00 00")]
    [InlineData("08 5F 53 35 5F 12 C6 04 00")]
    [InlineData("08 5F 53 35 5F 12 04 02 00 0A")]
    public void What_is_no_such_package_is_not_taken_for_one(string hex) => Assert.False(Scan(Bytes(hex)));

    [Fact]
    public void No_byte_beyond_the_code_is_read()
    {
        byte[] whole = Bytes("08 5C 5F 53 35 5F 12 0A 04 0C 05 00 00 00 0C 04 00 00 00 00 00");
        for (int length = 0; length <= whole.Length; length++)
            Scan(whole.AsSpan(0, length).ToArray());
        Assert.True(Scan(whole));
    }

    internal static byte[] Package(byte a, byte b) => [0x10, 0x20, 0x08, 0x5F, 0x53, 0x35, 0x5F, 0x12, 0x08, 0x04, 0x0A, a, 0x0A, b, 0x00, 0x00];

    // The code ends where readable memory ends.
    private static bool Scan(byte[] code)
    {
        KernelState.Reset(typeof(AcpiTables));
        using var memory = new GuardedMemory(4096);
        byte* start = memory.Start + memory.Length - code.Length;
        code.CopyTo(new Span<byte>(start, code.Length));
        bool found = SleepTypeScan.Scan(start, (uint)code.Length);
        Assert.Equal(found, AcpiTables.HasSleepType5);
        return found;
    }

    private static byte[] Bytes(string hex) => Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal));
}
