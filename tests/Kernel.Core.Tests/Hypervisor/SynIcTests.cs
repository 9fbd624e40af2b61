using System.Buffers.Binary;

namespace GuestOS.Kernel.Core.Tests;

public sealed unsafe class SynIcTests
{
    [Fact]
    public void A_timer_message_is_taken_and_its_slot_emptied()
    {
        byte* slot = stackalloc byte[SynIcSlot.Size];
        Fill(slot, 0x8000_0010, size: 24, flags: 0, timer: 0);
        Assert.False(SynIcSlot.Take(slot, out uint type, out byte size, out uint timer));
        Assert.True(SynIcSlot.IsTimer(type, size, timer));
        Assert.Equal(0u, *(uint*)slot);
        Assert.False(SynIcSlot.Take(slot, out type, out _, out _));
        Assert.Equal(0u, type);
    }

    [Fact]
    public void When_more_messages_wait_EOM_is_due()
    {
        byte* slot = stackalloc byte[SynIcSlot.Size];
        Fill(slot, 0x8000_0010, size: 24, flags: 1, timer: 3);
        Assert.True(SynIcSlot.Take(slot, out _, out _, out _));
    }

    [Fact]
    public void An_empty_slot_asks_for_nothing_whatever_its_flag_says()
    {
        byte* slot = stackalloc byte[SynIcSlot.Size];
        Fill(slot, 0, size: 24, flags: 1, timer: 0);
        Assert.False(SynIcSlot.Take(slot, out uint type, out _, out _));
        Assert.Equal(0u, type);
    }

    [Theory]
    [InlineData(1u, 24, 0u)]
    [InlineData(0x8000_0000u, 24, 0u)]
    [InlineData(0x8000_0010u, 23, 0u)]
    [InlineData(0x8000_0010u, 241, 0u)]
    [InlineData(0x8000_0010u, 24, 4u)]
    [InlineData(0u, 24, 0u)]
    public void What_no_timer_sends_is_none(uint type, byte size, uint timer) => Assert.False(SynIcSlot.IsTimer(type, size, timer));

    [Fact]
    public void A_source_keeps_the_bits_that_are_not_ours()
    {
        const ulong foreign = 0xFFFF_FFFF_FFF8_FF00;
        Assert.Equal(foreign | 0xF0 | (1 << 17), SynIc.Unmasked(ulong.MaxValue, 0xF0, autoEoi: true));
        Assert.Equal(foreign | 0xF0, SynIc.Unmasked(ulong.MaxValue, 0xF0, autoEoi: false));
        Assert.Equal(0x1_0000UL | 0xF0, SynIc.Masked(0xF0 | (1UL << 17)));
    }

    [Fact]
    public void Timer_configurations_are_those_of_the_specification()
    {
        // Auto-enable, direct, vector 0xF0 in 11:4; auto-enable, SINT 3 in 19:16.
        Assert.Equal(0x1F08UL, SyntheticTimer.Configuration(direct: true, 0xF0, SynIc.TimerSint));
        Assert.Equal(0x3_0008UL, SyntheticTimer.Configuration(direct: false, 0xF0, SynIc.TimerSint));
    }

    [Fact]
    public void An_end_of_interrupt_is_saved_once()
    {
        uint assist = 1;
        Assert.True(ApicAssist.TakeNotRequired(&assist));
        Assert.Equal(0u, assist);
        Assert.False(ApicAssist.TakeNotRequired(&assist));
    }

    private static void Fill(byte* slot, uint type, byte size, byte flags, uint timer)
    {
        var bytes = new Span<byte>(slot, SynIcSlot.Size);
        bytes.Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, type);
        bytes[4] = size;
        bytes[5] = flags;
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[16..], timer);
    }
}
