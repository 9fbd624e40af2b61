using System.Text;

namespace GuestOS.Kernel.Core.Tests;

public sealed unsafe class HypervisorPlanTests
{
    // What QEMU 10 on KVM offers with the flags hv-relaxed to hv-ipi and hv-stimer-direct, hv-xmm-input.
    private static readonly HypervisorOffer Kvm = new()
    {
        Privileges = 0xAFF,
        HypercallPrivileges = 0x30,
        Features = 0x8_0118,
        Hints = 0xC2C,
        SpinRetries = HypervisorOffer.NeverNotify,
        MaximumProcessors = 64,
    };

    [Fact]
    public void What_KVM_offers_is_used_and_nothing_else()
    {
        Assert.Equal(
            HypervisorUses.Hypercalls | HypervisorUses.SynIc | HypervisorUses.SyntheticTimer | HypervisorUses.DirectTimer
            | HypervisorUses.ReferenceCounter | HypervisorUses.ReferenceTscPage | HypervisorUses.Frequencies | HypervisorUses.ApicAssist
            | HypervisorUses.VpIndex | HypervisorUses.VpRuntime | HypervisorUses.Flush | HypervisorUses.Ipi | HypervisorUses.ExtendedMasks
            | HypervisorUses.Reset | HypervisorUses.RelaxedTiming,
            HypervisorPlan.Decide(in Kvm, HypervisorUses.None));
    }

    [Fact]
    public void Nothing_offered_is_nothing_used_but_what_needs_no_offer()
    {
        HypervisorOffer none = default;
        Assert.Equal(HypervisorUses.None, HypervisorPlan.Decide(in none, HypervisorUses.None));
        Assert.Equal(HypervisorUses.None, HypervisorPlan.Decide(in Kvm, (HypervisorUses)uint.MaxValue));
    }

    [Fact]
    public void Without_direct_mode_the_timer_sends_messages_that_end_by_themselves()
    {
        HypervisorUses uses = HypervisorPlan.Decide(in Kvm, HypervisorUses.DirectTimer);
        Assert.Equal(HypervisorUses.SyntheticTimer | HypervisorUses.AutoEoi, uses & (HypervisorUses.SyntheticTimer | HypervisorUses.AutoEoi));
    }

    [Fact]
    public void Where_AutoEoi_is_deprecated_messages_do_without()
    {
        HypervisorOffer offer = Kvm;
        offer.Features &= ~HypervisorOffer.FeatureDirectTimers;
        offer.Hints |= HypervisorOffer.HintNoAutoEoi;
        HypervisorUses uses = HypervisorPlan.Decide(in offer, HypervisorUses.None);
        Assert.Equal(HypervisorUses.SyntheticTimer, uses & (HypervisorUses.SyntheticTimer | HypervisorUses.AutoEoi));
    }

    [Theory]
    [InlineData(HypervisorUses.Hypercalls, HypervisorUses.Flush | HypervisorUses.Ipi | HypervisorUses.ExtendedMasks | HypervisorUses.LongSpin)]
    [InlineData(HypervisorUses.VpIndex, HypervisorUses.Flush | HypervisorUses.Ipi | HypervisorUses.ExtendedMasks)]
    [InlineData(HypervisorUses.ReferenceCounter, HypervisorUses.ReferenceTscPage | HypervisorUses.SyntheticTimer | HypervisorUses.DirectTimer)]
    [InlineData(HypervisorUses.DirectTimer | HypervisorUses.SynIc, HypervisorUses.SyntheticTimer | HypervisorUses.AutoEoi)]
    [InlineData(HypervisorUses.SyntheticTimer, HypervisorUses.DirectTimer | HypervisorUses.AutoEoi)]
    public void What_needs_a_part_goes_with_it(HypervisorUses missing, HypervisorUses goes)
    {
        HypervisorOffer offer = Kvm;
        offer.SpinRetries = 4095;
        Assert.Equal(HypervisorUses.None, HypervisorPlan.Decide(in offer, missing) & (missing | goes));
    }

    [Fact]
    public void A_synthetic_timer_in_direct_mode_needs_no_synic() =>
        Assert.NotEqual(HypervisorUses.None, HypervisorPlan.Decide(in Kvm, HypervisorUses.SynIc) & HypervisorUses.SyntheticTimer);

    [Theory]
    [InlineData(0, false)]
    [InlineData(0xFFFF_FFFF, false)]
    [InlineData(1, true)]
    [InlineData(4095, true)]
    public void The_hypervisor_is_told_of_long_spins_only_where_it_names_a_number(uint retries, bool isUsed)
    {
        HypervisorOffer offer = Kvm;
        offer.SpinRetries = retries;
        Assert.Equal(isUsed, (HypervisorPlan.Decide(in offer, HypervisorUses.None) & HypervisorUses.LongSpin) != 0);
    }

    [Theory]
    [InlineData(HypervisorUses.Frequencies)]
    [InlineData(HypervisorUses.GuestIdle)]
    public void Frequencies_and_idle_need_privilege_and_feature(HypervisorUses part)
    {
        HypervisorOffer offer = default;
        offer.Privileges = uint.MaxValue;
        Assert.Equal(HypervisorUses.None, HypervisorPlan.Decide(in offer, HypervisorUses.None) & part);
        offer = default;
        offer.Features = uint.MaxValue;
        Assert.Equal(HypervisorUses.None, HypervisorPlan.Decide(in offer, HypervisorUses.None) & part);
        offer.Privileges = uint.MaxValue;
        Assert.Equal(part, HypervisorPlan.Decide(in offer, HypervisorUses.None) & part);
    }

    [Theory]
    [InlineData("", HypervisorUses.None)]
    [InlineData("hypercall", HypervisorUses.Hypercalls)]
    [InlineData("stimer-direct,tsc-page", HypervisorUses.DirectTimer | HypervisorUses.ReferenceTscPage)]
    [InlineData(",ipi,,nonsense,stimer", HypervisorUses.Ipi | HypervisorUses.SyntheticTimer)]
    [InlineData("all", (HypervisorUses)uint.MaxValue)]
    public void The_option_names_parts(string text, HypervisorUses expected)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text + "x");
        fixed (byte* first = bytes)
            Assert.Equal(expected, HypervisorPlan.Parse(first, text.Length));
        Assert.Equal(HypervisorUses.None, HypervisorPlan.Parse(null, 0));
    }

    [Fact]
    public void Every_part_has_a_name_of_its_own()
    {
        var names = new HashSet<string>();
        foreach (HypervisorUses part in Enum.GetValues<HypervisorUses>().Where(part => part != HypervisorUses.None))
        {
            string name = Encoding.UTF8.GetString(HypervisorPlan.Name(System.Numerics.BitOperations.Log2((uint)part)));
            Assert.True(names.Add(name), name);
            byte[] bytes = Encoding.UTF8.GetBytes(name);
            fixed (byte* first = bytes)
                Assert.Equal(part, HypervisorPlan.Parse(first, bytes.Length));
        }
    }
}
